/**
 * How long readings took from their commit to their first receipt.
 *
 * @module
 */

import type { Passage } from "./ledger.ts";

/** The median and the 99th percentile, in ms; `null` when nothing arrived. */
export interface Latency {
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

/** From the moment something broke to the moment it was put right. */
export interface Disturbance {
  readonly brokenAtMs: number;
  readonly mendedAtMs: number;
}

/** The latency of all passages. */
export function latencyOf(passages: readonly Passage[]): Latency {
  const sorted = passages
    .map(({ committedAtMs, receivedAtMs }) => receivedAtMs - committedAtMs)
    .sort((a, b) => a - b);
  return { p50Ms: percentile(sorted, 0.5), p99Ms: percentile(sorted, 0.99) };
}

/**
 * The passages, given by time of receipt, that no disturbance touched. One lasts until a reading that was
 * committed after the repair has arrived: then the backlog is gone too.
 */
export function calmPassages(
  passages: readonly Passage[],
  disturbances: readonly Disturbance[],
): readonly Passage[] {
  const spells = disturbances.map(({ brokenAtMs, mendedAtMs }) => {
    const first = passages.find((its) => its.committedAtMs > mendedAtMs);
    return { fromMs: brokenAtMs, toMs: first?.receivedAtMs ?? Infinity };
  });
  return passages.filter(({ committedAtMs, receivedAtMs }) =>
    spells.every(({ fromMs, toMs }) =>
      receivedAtMs < fromMs || committedAtMs > toMs
    )
  );
}

function percentile(sorted: readonly number[], share: number): number | null {
  const at = Math.ceil(sorted.length * share) - 1;
  const value = sorted[Math.max(at, 0)];
  return value === undefined ? null : Math.round(value * 10) / 10;
}
