/**
 * The lease: who may settle, and what a glance at the outbox shows.
 *
 * @module
 */

import {
  type Lease,
  type RelayStore,
  StorageError,
  type Survey,
} from "../../mod.ts";
import { integer, type SqlRow, type SqlStatement } from "./driver.ts";
import { type Cell, guarded, instantOf, jsonOf, shownOf } from "./cells.ts";
import { expiredCount } from "./expired.ts";
import type { Tables } from "./tables.ts";

/** Asks for the lease and the ends of the queue. */
export function surveyStatement(tables: Tables): SqlStatement {
  const { message, relay } = tables;
  return {
    sql: `SELECT CAST(json_array(
  ${guarded(LEASE_COLUMNS, "r")},
  (SELECT coalesce(max("seq"), 0) FROM ${message}), ${expiredCount(tables)},
  m."seq",
  ${guarded(["enqueued_at_ms"], "m")}
) AS BLOB) "survey"
FROM ${relay} r LEFT JOIN ${message} m ON m."seq" = (
  SELECT "seq" FROM ${message} WHERE "done" IS NOT 1 ORDER BY "seq" LIMIT 1
) WHERE r."id" = 0`,
    args: [],
  };
}

const LEASE_COLUMNS: readonly string[] = [
  "owner",
  "epoch",
  "beat",
  "lease_ms",
  "renewed_at_ms",
  "unproven",
  "revision",
];

/**
 * The survey that a row of {@link surveyStatement} tells of; `null` without a
 * row. A name that is damaged is a stranger's: his lease runs out.
 */
export function surveyOf(row: SqlRow | undefined): Survey | null {
  const cells = jsonOf<Cell[]>(row?.["survey"]);
  if (cells === null) return null;
  const [owner, ...numbers] = cells;
  const counts = LEASE_COLUMNS.slice(1)
    .map((column, at) => wholeNumber(column, numbers[at] ?? null));
  const [epoch, beat, leaseMs, renewedAtMs, unproven, revision] = counts;
  const [newestSeq, expired, seq, enqueuedAtMs] = numbers.slice(counts.length);
  return {
    lease: {
      epoch: epoch ?? 0,
      owner: owner === null ? null : shownOf(owner),
      beat: beat ?? 0,
      leaseMs: leaseMs ?? 0,
      renewedAtMs: renewedAtMs ?? 0,
      unproven: unproven ?? 0,
    },
    revision: revision ?? 0,
    newestSeq: Number(newestSeq),
    oldest: seq === null ? null : {
      seq: Number(seq),
      enqueuedAtMs: instantOf(enqueuedAtMs),
    },
    expired: Number(expired),
  };
}

function wholeNumber(column: string, cell: Cell): number {
  const fits = typeof cell === "number" && Number.isSafeInteger(cell);
  // A wall clock may stand before 1970.
  if (fits && (cell >= 0 || column === "renewed_at_ms")) return cell;
  throw new StorageError(
    "STORAGE_FAILED",
    `Cannot survey the outbox as its ${column} must be a whole number: ` +
      "somebody else damaged it",
  );
}

/**
 * Takes the lease if nobody has since the caller looked; returns the epoch, as
 * an expression: libSQL ends the process where the declared type of a column
 * is damaged, and expressions have none.
 */
export function acquireStatement(
  { relay }: Tables,
  request: Parameters<RelayStore["acquire"]>[0],
): SqlStatement {
  const { owner, leaseMs, nowMs, expect } = request;
  return {
    sql: `UPDATE ${relay} SET
  "epoch" = "epoch" + ("owner" IS NOT ?), "unproven" = "unproven" + ("owner" IS NOT ?),
  "owner" = ?, "beat" = "beat" + 1,
  "lease_ms" = ?, "renewed_at_ms" = ?
WHERE "id" = 0 AND "epoch" = ? AND "beat" = ? RETURNING "epoch" + 0 "epoch"`,
    args: [
      owner,
      owner,
      owner,
      integer(leaseMs),
      integer(nowMs),
      integer(expect.epoch),
      integer(expect.beat),
    ],
  };
}

/**
 * Changes nothing, for the sake of the commit and its sync. There and back, as
 * SQLite writes no page for a value that is there already.
 */
export function touchStatements({ relay }: Tables): SqlStatement[] {
  return ["+", "-"].map((sign) => ({
    sql: `UPDATE ${relay} SET "beat" = "beat" ${sign} 1 WHERE "id" = 0`,
    args: [],
  }));
}

/** The lease that the rows of {@link acquireStatement} tell of. */
export function leaseOf(
  rows: readonly SqlRow[] | undefined,
  owner: string,
): Lease | null {
  const row = rows?.[0];
  return row === undefined ? null : { epoch: Number(row["epoch"]), owner };
}
