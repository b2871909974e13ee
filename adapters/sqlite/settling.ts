/**
 * Settling: outcomes recorded in one transaction, fenced by the lease.
 *
 * @module
 */

import type { SettleRequest } from "../../mod.ts";
import { archiving } from "./archive.ts";
import {
  integer,
  type SqlCondition,
  type SqlRow,
  type SqlStatement,
} from "./driver.ts";
import { expiring } from "./expired.ts";
import { failureCellsOf } from "./message_row.ts";
import { removal, removalOfOlder } from "./removal.ts";
import { FAILURE_COLUMNS, listed, type Tables } from "./tables.ts";

/**
 * The statements of a settle; each looks at the lease itself. `leftovers` are
 * rows that are done and may be removed once they are not the newest.
 */
export function settleStatements(
  tables: Tables,
  request: SettleRequest,
  leftovers: readonly number[],
): readonly SqlStatement[] {
  const { delivered, expired, failed, archive, nowMs } = request;
  const fence = fenceOf(tables, request);
  const among = (seqs: readonly number[]) => amongThose(seqs, fence);
  const statements = [glance(tables, fence)];
  if (archive && delivered.length > 0) {
    statements.push(archiving(tables, among(delivered), nowMs));
  }
  if (expired.length > 0) {
    const [count, keep] = [expired.length, request.keepExpired];
    const room = { count, keep, nowMs, fence };
    statements.push(...expiring(tables, among(expired), room));
  }
  const gone = [...delivered, ...expired, ...leftovers];
  if (gone.length > 0) statements.push(...removal(tables, among(gone)));
  statements.push(...forgetting(tables, request, fence));
  if (failed.length > 0) statements.push(recording(tables, request, fence));
  statements.push(...endingOf(tables, request, fence));
  return statements;
}

/**
 * The settle that is made nearly always, in a few statements that return
 * nothing: it fails, and nothing has happened, unless every message goes, as
 * under a lease that is gone none would.
 */
export function plainSettleStatements(
  tables: Tables,
  request: SettleRequest,
  leftovers: readonly number[],
): readonly SqlStatement[] {
  const { relay } = tables;
  const gone = [...request.delivered, ...leftovers];
  const fence = fenceOf(tables, request);
  return [
    removalOfOlder(tables, amongThose(gone, fence)),
    {
      // No column of this table but its key may be NULL.
      sql: `INSERT INTO ${relay} ("identity")
SELECT NULL WHERE changes() <> ?`,
      args: [integer(gone.length)],
    },
    ...forgetting(tables, request, fence),
    ...endingOf(tables, request, fence),
  ];
}

/** Whether a settle may be plain: messages were delivered, and nothing is kept. */
export function isPlain(
  { delivered, expired, failed, archive }: SettleRequest,
): boolean {
  return delivered.length > 0 && !archive &&
    expired.length + failed.length === 0;
}

/** What the first row of a settle tells. */
export interface Glance {
  /** Whether the lease was in force. */
  readonly inForce: boolean;
  /** The sequence of the newest row, 0 when there is none. */
  readonly newest: number;
}

/** Reads the first row of {@link settleStatements}. */
export function glanceOf(row: SqlRow | undefined): Glance {
  return { inForce: row?.["in_force"] === 1, newest: Number(row?.["newest"]) };
}

function fenceOf({ relay }: Tables, { lease }: SettleRequest): SqlCondition {
  return {
    where: `EXISTS (SELECT 1 FROM ${relay} WHERE "id" = 0
  AND "epoch" = ? AND "owner" = ?)`,
    args: [integer(lease.epoch), lease.owner],
  };
}

function amongThose(
  seqs: readonly number[],
  fence: SqlCondition,
): SqlCondition {
  return {
    where: `"seq" IN (SELECT value FROM json_each(?)) AND ${fence.where}`,
    args: [JSON.stringify(seqs), ...fence.args],
  };
}

function glance({ message }: Tables, fence: SqlCondition): SqlStatement {
  return {
    sql: `SELECT ${fence.where} "in_force",
  (SELECT coalesce(max("seq"), 0) FROM ${message}) "newest"`,
    args: [...fence.args],
  };
}

/** Removes the records of messages that went after all. */
function forgetting(
  { failure }: Tables,
  { recovered }: SettleRequest,
  fence: SqlCondition,
): SqlStatement[] {
  if (recovered.length === 0) return [];
  const { where, args } = amongThose(recovered, fence);
  return [{ sql: `DELETE FROM ${failure} WHERE ${where}`, args: [...args] }];
}

/** A record of a message that an operator has discarded meanwhile is dropped. */
function recording(
  { failure, message }: Tables,
  { failed }: SettleRequest,
  fence: SqlCondition,
): SqlStatement {
  const values = FAILURE_COLUMNS.map((_, at) => `value ->> ${at}`).join(", ");
  const changes = FAILURE_COLUMNS.slice(1)
    .map((column) => `"${column}" = excluded."${column}"`).join(", ");
  return {
    sql: `INSERT INTO ${failure} (${listed(FAILURE_COLUMNS)})
SELECT ${values} FROM json_each(?) WHERE ${fence.where} AND EXISTS (
  SELECT 1 FROM ${message} m WHERE m."seq" = value ->> 0 AND m."done" IS NOT 1
) ON CONFLICT ("seq") DO UPDATE SET ${changes}`,
    args: [JSON.stringify(failed.map(failureCellsOf)), ...fence.args],
  };
}

function endingOf(
  { relay }: Tables,
  { then, nowMs, proven }: SettleRequest,
  fence: SqlCondition,
): SqlStatement[] {
  if (then === "keep") return [];
  return then === "release"
    ? [{
      sql: `UPDATE ${relay} SET "owner" = NULL, "unproven" = 0
WHERE "id" = 0 AND ${fence.where}`,
      args: [...fence.args],
    }]
    : [{
      sql: `UPDATE ${relay} SET "beat" = "beat" + 1, "renewed_at_ms" = ?,
  "unproven" = "unproven" * ?
WHERE "id" = 0 AND ${fence.where}`,
      args: [integer(nowMs), integer(proven ? 0 : 1), ...fence.args],
    }];
}
