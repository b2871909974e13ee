/**
 * The tables of the inbox. Records and keys are numbered upwards for each
 * consumer, so that the oldest are found without a search.
 *
 * @module
 */

/** The names of the inbox's tables and indexes, quoted. */
export interface InboxTables {
  /** One row for each message that a consumer accepted. */
  readonly inbox: string;
  /** One row for each key that a consumer has met. */
  readonly inboxLane: string;
  /** One row for each message that a consumer could not handle. */
  readonly letter: string;
  /** The index that finds a consumer's letters. */
  readonly letterConsumer: string;
  /** The index that finds the oldest records. */
  readonly inboxNumber: string;
  /** The index that finds the oldest keys. */
  readonly inboxLaneNumber: string;
}

/** Names the tables. */
export function inboxTablesOf(named: (name: string) => string): InboxTables {
  return {
    inbox: named("inbox"),
    inboxLane: named("inbox_lane"),
    letter: named("letter"),
    letterConsumer: named("letter_consumer"),
    inboxNumber: named("inbox_number"),
    inboxLaneNumber: named("inbox_lane_number"),
  };
}

/** The statements that make the tables, each a no-op when its table is there. */
export function createInboxTables(tables: InboxTables): readonly string[] {
  const { inbox, inboxLane, inboxNumber, inboxLaneNumber } = tables;
  const { letter, letterConsumer } = tables;
  return [
    `CREATE TABLE IF NOT EXISTS ${inbox} (
  "consumer" text NOT NULL,
  "number" integer NOT NULL,
  "source" text NOT NULL,
  "id" text NOT NULL,
  "accepted_at_ms" integer NOT NULL,
  PRIMARY KEY ("consumer", "source", "id")
)`,
    `CREATE UNIQUE INDEX IF NOT EXISTS ${inboxNumber} ON ${inbox} ("consumer", "number")`,
    `CREATE TABLE IF NOT EXISTS ${inboxLane} (
  "consumer" text NOT NULL,
  "number" integer NOT NULL,
  "source" text NOT NULL,
  "key" text NOT NULL,
  "position" integer,
  "seq" integer,
  PRIMARY KEY ("consumer", "source", "key")
)`,
    `CREATE UNIQUE INDEX IF NOT EXISTS ${inboxLaneNumber} ON ${inboxLane} ("consumer", "number")`,
    `CREATE TABLE IF NOT EXISTS ${letter} (
  "number" integer PRIMARY KEY NOT NULL,
  "consumer" text NOT NULL,
  "content" text NOT NULL,
  "payload" blob NOT NULL
)`,
    `CREATE INDEX IF NOT EXISTS ${letterConsumer} ON ${letter} ("consumer")`,
  ];
}
