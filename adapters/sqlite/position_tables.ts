/**
 * The counters: each counted message is the n-th of its key.
 *
 * A trigger counts, so that a statement in anybody's batch counts as well, and
 * one that finds its id already there uses no number. It writes the position
 * into a row that holds a number of the same width: then SQLite overwrites it
 * where it is, and does not write the payload once more.
 *
 * @module
 */

/** What a row holds that is to be counted; with its position added, once it was. */
export const TO_BE_COUNTED: number = 2 ** 40;

/** What counting needs, quoted. */
export interface PositionTables {
  /** Messages that are not delivered. */
  readonly message: string;
  /** The last position of each key. */
  readonly position: string;
  /** The trigger that counts. */
  readonly counting: string;
}

/** The statements that make the table and its trigger, no-ops where they are there. */
export function createPositionTable(
  { position, counting, message }: PositionTables,
): readonly string[] {
  return [
    `CREATE TABLE IF NOT EXISTS ${position} (
  "key" text PRIMARY KEY NOT NULL,
  "position" integer NOT NULL,
  "seq" integer NOT NULL
)`,
    `CREATE TRIGGER IF NOT EXISTS ${counting} AFTER INSERT ON ${message}
WHEN NEW."position" = ${TO_BE_COUNTED} BEGIN
  INSERT INTO ${position} ("key", "position", "seq")
    VALUES (NEW."key", 1, NEW."seq")
    ON CONFLICT ("key") DO UPDATE
    SET "position" = "position" + 1, "seq" = excluded."seq";
  UPDATE ${message} SET "position" = NEW."position" + (
    SELECT "position" FROM ${position} WHERE "key" = NEW."key"
  ) WHERE "seq" = NEW."seq";
END`,
  ];
}
