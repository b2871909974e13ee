/**
 * The inbox: records of accepted messages, through the consumer's own
 * transaction. The record comes last: whoever catches an error of what comes
 * before it, and commits, has accepted nothing.
 *
 * @module
 */

import type {
  Expiry,
  InboxWriter,
  LaneProgress,
  LookRequest,
  RecordRequest,
  Sighting,
} from "../../mod.ts";
import { type Cell, guarded, jsonOf } from "./cells.ts";
import { integer, type SqlStatement, type SqlValue } from "./driver.ts";
import type { InboxTables } from "./inbox_tables.ts";
import type { Tables } from "./tables.ts";
import { type Enter, entered, foreign, runOn } from "./transaction.ts";

/** The outbox beside which the inbox lies. */
export interface InboxHome {
  /** The names of its tables. */
  readonly tables: Tables;
  /** Its own name, as its database tells it. */
  readonly identity: () => Promise<string>;
}

/** Creates the inbox of a database. */
export function sqliteInbox<Tx>(
  enter: Enter<Tx>,
  { tables, identity }: InboxHome,
): InboxWriter<Tx> {
  return {
    async look(tx, request) {
      const run = entered(enter, tx, action);
      const statement = lookStatement(tables, request, await identity());
      const { rows: [row] } = await runOn({ action, run }, statement);
      if (row !== undefined) return sightingOf(row["sighting"]);
      throw foreign(action, "a transaction on another outbox");
    },
    async record(tx, request) {
      const run = entered(enter, tx, action);
      const before = preparation(tables, request);
      for (const statement of before) await runOn({ action, run }, statement);
      const statement = recordStatement(tables, request, await identity());
      const { changes } = await runOn({ action, run }, statement);
      return changes > 0;
    },
  };
}

const action = "accept a message";

/** What others put in place of a number is not below it. */
const IS_NUMBER = `"number" <= ${Number.MAX_SAFE_INTEGER}`;

/** One row in the outbox of that name, and none elsewhere. */
function lookStatement(
  { inbox, inboxLane, relay }: Tables,
  { consumer, source, id, key }: LookRequest,
  identity: string,
): SqlStatement {
  const newest = (table: string) =>
    `coalesce((SELECT max("number") FROM ${table} WHERE "consumer" = ? AND ${IS_NUMBER}), 0)`;
  return {
    sql: `SELECT CAST(json_array(
  EXISTS (SELECT 1 FROM ${inbox}
    WHERE "consumer" = ? AND "source" = ? AND "id" = ?),
  ${newest(inbox)},
  ${newest(inboxLane)},
  json((SELECT json_array(${guarded(["position", "seq"])}) FROM ${inboxLane}
    WHERE "consumer" = ? AND "source" = ? AND "key" = ?))
) AS BLOB) "sighting" FROM ${relay} WHERE "identity" = ?`,
    args: [
      ...[consumer, source, id],
      ...[consumer, consumer],
      ...[consumer, source, key],
      identity,
    ],
  };
}

type Looked = readonly [
  recorded: number,
  newest: number,
  newestLane: number,
  progress: readonly [position: Cell, seq: Cell] | null,
];

function sightingOf(cell: unknown): Sighting {
  const [recorded, newest, newestLane, progress] = jsonOf<Looked>(cell) ??
    [0, 0, 0, null];
  return {
    recorded: recorded === 1,
    newest,
    newestLane,
    progress: progress && progressOf(progress),
  };
}

function progressOf([position, seq]: readonly [Cell, Cell]): LaneProgress {
  const placeOf = (cell: Cell) =>
    Number.isSafeInteger(cell) ? Number(cell) : null;
  return { position: placeOf(position), seq: placeOf(seq) };
}

/** What is written before the record. */
function preparation(
  tables: Tables,
  request: RecordRequest,
): readonly SqlStatement[] {
  const { consumer, expire, lane, forgetLanes } = request;
  return [
    ...(expire === null ? [] : [expireStatement(tables, consumer, expire)]),
    ...(lane === null ? [] : [advanceStatement(tables, request, lane)]),
    ...(forgetLanes === null
      ? []
      : [forgetStatement(tables, consumer, forgetLanes)]),
  ];
}

function expireStatement(
  { inbox }: InboxTables,
  consumer: string,
  { upTo, oldUpTo, beforeMs, limit }: Expiry,
): SqlStatement {
  return {
    sql: `DELETE FROM ${inbox} WHERE "consumer" = ? AND "number" IN (
  SELECT "number" FROM ${inbox} WHERE "consumer" = ?
  ORDER BY "number" LIMIT ?
) AND ("number" <= ? OR ("number" <= ? AND "accepted_at_ms" < ?))`,
    args: [
      ...[consumer, consumer],
      ...[limit, upTo, oldUpTo, beforeMs].map(integer),
    ],
  };
}

function advanceStatement(
  { inboxLane }: InboxTables,
  { consumer, source }: RecordRequest,
  { key, progress }: NonNullable<RecordRequest["lane"]>,
): SqlStatement {
  return {
    sql: `INSERT INTO ${inboxLane}
  ("consumer", "number", "source", "key", "position", "seq")
VALUES (?, ${nextNumber(inboxLane)}, ?, ?, ?, ?)
ON CONFLICT ("consumer", "source", "key") DO UPDATE
SET "position" = excluded."position", "seq" = excluded."seq"`,
    args: [
      ...[consumer, consumer],
      ...[source, key],
      ...[progress.position, progress.seq].map(orNull),
    ],
  };
}

function forgetStatement(
  { inboxLane }: InboxTables,
  consumer: string,
  { upTo, limit }: NonNullable<RecordRequest["forgetLanes"]>,
): SqlStatement {
  return {
    sql: `DELETE FROM ${inboxLane} WHERE "consumer" = ? AND "number" IN (
  SELECT "number" FROM ${inboxLane} WHERE "consumer" = ? AND "number" <= ?
  ORDER BY "number" LIMIT ?
)`,
    args: [consumer, consumer, integer(upTo), integer(limit)],
  };
}

/** Writes nothing in any outbox but the one of that name. */
function recordStatement(
  { inbox, relay }: Tables,
  { consumer, source, id, acceptedAtMs }: RecordRequest,
  identity: string,
): SqlStatement {
  return {
    sql: `INSERT INTO ${inbox}
  ("consumer", "number", "source", "id", "accepted_at_ms")
SELECT ?, ${nextNumber(inbox)}, ?, ?, ? FROM ${relay} WHERE "identity" = ?
ON CONFLICT ("consumer", "source", "id") DO NOTHING`,
    args: [
      ...[consumer, consumer],
      ...[source, id, integer(acceptedAtMs), identity],
    ],
  };
}

function nextNumber(table: string): string {
  return `(SELECT coalesce(max("number"), 0) + 1 FROM ${table}
  WHERE "consumer" = ? AND ${IS_NUMBER})`;
}

function orNull(value: number | null): SqlValue {
  return value === null ? null : integer(value);
}
