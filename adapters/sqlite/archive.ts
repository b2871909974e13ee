/**
 * The archive: delivered messages that are kept by choice, in the order in
 * which they were settled.
 *
 * @module
 */

import type { Archive } from "../../mod.ts";
import { integer, type SqlCondition, type SqlStatement } from "./driver.ts";
import { listed, MESSAGE_COLUMNS, type Tables } from "./tables.ts";

/** Copies messages that are about to be removed. */
export function archiving(
  { archive, message }: Tables,
  { where, args }: SqlCondition,
  nowMs: number,
): SqlStatement {
  const columns = `"seq", ${listed(MESSAGE_COLUMNS)}, "payload"`;
  return {
    sql: `INSERT INTO ${archive} ("delivered_at_ms", ${columns})
SELECT ?, ${columns} FROM ${message} WHERE ${where} AND "done" IS NOT 1`,
    args: [integer(nowMs), ...args],
  };
}

/**
 * Removes the oldest, and tells how many. Only as many rows as may be removed
 * are looked at. Places have no gaps but where the wall clock jumped, so
 * that counting back from the last one finds those beyond the newest.
 */
export function pruneStatements(
  { archive }: Tables,
  request: Parameters<Archive["prune"]>[0],
): readonly SqlStatement[] {
  const { deliveredBeforeMs, keepRows, limit } = request;
  return [
    {
      sql: `DELETE FROM ${archive} WHERE "place" IN (
  SELECT "place" FROM ${archive} ORDER BY "place" LIMIT ?
) AND ("delivered_at_ms" < ?
  OR "place" <= (SELECT max("place") FROM ${archive}) - ?)`,
      args: [integer(limit), integer(deliveredBeforeMs), integer(keepRows)],
    },
    { sql: `SELECT changes() "changed"`, args: [] },
  ];
}
