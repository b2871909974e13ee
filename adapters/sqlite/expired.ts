/**
 * Expired messages: the newest of those that were not sent in time.
 *
 * Their places count up from 1 without a gap, and the newest row always
 * stays: so the highest place is how many ever expired.
 *
 * @module
 */

import type { DeadLetterStore, ExpiredMessage } from "../../mod.ts";
import { type Cell, guarded, instantOf } from "./cells.ts";
import {
  integer,
  type SqlCondition,
  type SqlRow,
  type SqlStatement,
} from "./driver.ts";
import { messagesFrom, messagesOf } from "./message_row.ts";
import { listed, MESSAGE_COLUMNS, type Tables } from "./tables.ts";

/** How many messages expired, as an expression. */
export function expiredCount({ expired }: Tables): string {
  return `(SELECT coalesce(max("place"), 0) FROM ${expired})`;
}

/** Copies messages that are about to be removed, and makes room for them. */
export function expiring(
  tables: Tables,
  { where, args }: SqlCondition,
  request: {
    /** How many they are. */
    readonly count: number;
    readonly keep: number;
    readonly nowMs: number;
    readonly fence: SqlCondition;
  },
): SqlStatement[] {
  const { expired, message } = tables;
  const { count, keep, nowMs, fence } = request;
  const columns = `"seq", ${listed(MESSAGE_COLUMNS)}, "payload"`;
  return [
    {
      sql: `INSERT INTO ${expired} ("expired_at_ms", ${columns})
SELECT ?, ${columns} FROM ${message} WHERE ${where} AND "done" IS NOT 1
ORDER BY "seq"`,
      args: [integer(nowMs), ...args],
    },
    {
      // More than came, so that a lower limit is reached in the end.
      sql: `DELETE FROM ${expired} WHERE "place" IN (
  SELECT "place" FROM ${expired} ORDER BY "place" LIMIT ?
) AND "place" <= ${expiredCount(tables)} - ? AND ${fence.where}`,
      args: [integer(count * 2), integer(keep), ...fence.args],
    },
  ];
}

/** Asks for expired messages. */
export function listExpiredStatement(
  { expired }: Tables,
  { before, limit }: Parameters<DeadLetterStore["listExpired"]>[0],
): SqlStatement {
  const extra = `json_array(${guarded(["place", "expired_at_ms"], "e")})`;
  return {
    sql: `SELECT ${messagesFrom("e", extra)} FROM (
  SELECT *, 0 "done" FROM ${expired} WHERE "place" < ?
  ORDER BY "place" DESC LIMIT ?
) e`,
    args: [integer(before), integer(limit)],
  };
}

/** The expired messages that a row of {@link listExpiredStatement} tells of. */
export function expiredOf(row: SqlRow | undefined): ExpiredMessage[] {
  return messagesOf<[place: number, expiredAtMs: Cell]>(row)
    .map(({ message, extra: [place, expiredAtMs] }) => ({
      message,
      place,
      expiredAtMs: instantOf(expiredAtMs),
    }));
}
