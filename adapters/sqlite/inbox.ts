/**
 * The inbox: records of accepted messages, through the consumer's own
 * transaction. The record comes last: whoever catches an error of what comes
 * before it, and commits, has accepted nothing.
 *
 * @module
 */

import type {
  Expiry,
  LaneProgress,
  LookRequest,
  RecordRequest,
  Sighting,
} from "../../mod.ts";
import { type Cell, guarded, jsonOf } from "./cells.ts";
import {
  integer,
  type SqlStatement,
  type SqlValue,
  type Steps,
} from "./driver.ts";
import type { Home } from "./home.ts";
import type { InboxTables } from "./inbox_tables.ts";

/** What is done here, as a verb phrase. */
export const ACCEPTING = "accept a message";

/** Finds what is known of a message. */
export function* look(home: Home, request: LookRequest): Steps<Sighting> {
  const { rows: [row] } = yield [lookStatement(home, request)];
  if (row !== undefined) return sightingOf(row["sighting"]);
  throw home.refusal(ACCEPTING);
}

/** Records a message. */
export function* record(home: Home, request: RecordRequest): Steps<boolean> {
  const { changes } = yield [
    ...preparation(home.tables, request),
    recordStatement(home, request),
  ];
  return changes > 0;
}

/** What others put in place of a number is not below it. */
const IS_NUMBER = `"number" <= ${Number.MAX_SAFE_INTEGER}`;

/** One row in the outbox of that name, and none elsewhere. */
function lookStatement(
  { tables: { inbox, inboxLane, relay }, row }: Home,
  { consumer, source, id, key }: LookRequest,
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
) AS BLOB) "sighting" FROM ${relay} WHERE ${row.where}`,
    args: [
      ...[consumer, source, id],
      ...[consumer, consumer],
      ...[consumer, source, key],
      ...row.args,
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
  tables: InboxTables,
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
  { tables: { inbox, relay }, row }: Home,
  { consumer, source, id, acceptedAtMs }: RecordRequest,
): SqlStatement {
  return {
    sql: `INSERT INTO ${inbox}
  ("consumer", "number", "source", "id", "accepted_at_ms")
SELECT ?, ${nextNumber(inbox)}, ?, ?, ? FROM ${relay} WHERE ${row.where}
ON CONFLICT ("consumer", "source", "id") DO NOTHING`,
    args: [
      ...[consumer, consumer],
      ...[source, id, integer(acceptedAtMs)],
      ...row.args,
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
