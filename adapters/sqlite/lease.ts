/**
 * The lease: who may settle, and what a glance at the outbox shows.
 *
 * @module
 */

import type { Lease, RelayStore, Survey } from "../../mod.ts";
import { integer, type SqlRow, type SqlStatement } from "./driver.ts";
import { jsonOf } from "./message_row.ts";
import type { Tables } from "./tables.ts";

/** Asks for the lease and the ends of the queue. */
export function surveyStatement({ message, relay }: Tables): SqlStatement {
  return {
    sql: `SELECT CAST(json_array(
  r."epoch", r."owner", r."beat", r."lease_ms", r."renewed_at_ms", r."unproven",
  r."revision",
  (SELECT coalesce(max("seq"), 0) FROM ${message}), m."seq", m."enqueued_at_ms"
) AS BLOB) "survey"
FROM ${relay} r LEFT JOIN ${message} m ON m."seq" = (
  SELECT "seq" FROM ${message} WHERE "done" = 0 ORDER BY "seq" LIMIT 1
) WHERE r."id" = 0`,
    args: [],
  };
}

type SurveyCells = readonly [
  epoch: number,
  owner: string | null,
  beat: number,
  leaseMs: number,
  renewedAtMs: number,
  unproven: number,
  revision: number,
  newestSeq: number,
  seq: number | null,
  enqueuedAtMs: number,
];

/** The survey that a row of {@link surveyStatement} tells of; `null` without a row. */
export function surveyOf(row: SqlRow | undefined): Survey | null {
  const cells = jsonOf<SurveyCells>(row?.["survey"]);
  if (cells === null) return null;
  const [epoch, owner, beat, leaseMs, renewedAtMs, unproven, ...rest] = cells;
  const [revision, newestSeq, seq, enqueuedAtMs] = rest;
  return {
    lease: { epoch, owner, beat, leaseMs, renewedAtMs, unproven },
    revision,
    newestSeq,
    oldest: seq === null ? null : { seq, enqueuedAtMs },
  };
}

/** Takes the lease if nobody has since the caller looked; returns the epoch. */
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
WHERE "id" = 0 AND "epoch" = ? AND "beat" = ? RETURNING "epoch"`,
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

/** The lease that the rows of {@link acquireStatement} tell of. */
export function leaseOf(
  rows: readonly SqlRow[] | undefined,
  owner: string,
): Lease | null {
  const row = rows?.[0];
  return row === undefined ? null : { epoch: Number(row["epoch"]), owner };
}
