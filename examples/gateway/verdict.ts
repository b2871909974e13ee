/**
 * The verdict: what the consumer received against what the database committed.
 *
 * @module
 */

import type { ReadingRef } from "./gateway_database.ts";

/** What a comparison finds. */
export interface Findings {
  /** Readings in the database's history. */
  readonly committed: number;
  /** Those of them that arrived, each counted once. */
  readonly delivered: number;
  /** Those of them that never arrived. */
  readonly lost: number;
  /** Readings that arrived and were never committed. */
  readonly phantom: number;
  /** Arrivals after a later reading of the same device: the 2 in 1, 3, 2 and in 1, 2, 3, 2. */
  readonly reordered: number;
  /** Arrivals of a reading that had arrived before. */
  readonly duplicates: number;
}

/** Compares the history with all receipts, copies included, in the order of their arrival. */
export function compare(
  history: readonly ReadingRef[],
  receipts: readonly ReadingRef[],
): Findings {
  const missing = new Set(history.map(nameOf));
  const committed = missing.size;
  const arrived = new Set<string>();
  const latest = new Map<string, number>();
  let phantom = 0;
  let reordered = 0;
  let duplicates = 0;

  for (const receipt of receipts) {
    const { device, reading } = receipt;
    const name = nameOf(receipt);
    if (arrived.has(name)) duplicates += 1;
    else if (!missing.delete(name)) phantom += 1;
    arrived.add(name);
    const before = latest.get(device) ?? 0;
    if (reading < before) reordered += 1;
    latest.set(device, Math.max(reading, before));
  }
  const lost = missing.size;
  const delivered = committed - lost;
  return { committed, delivered, lost, phantom, reordered, duplicates };
}

/** Whether every promise was kept. */
export function isKept({ lost, phantom, reordered }: Findings): boolean {
  return lost === 0 && phantom === 0 && reordered === 0;
}

function nameOf({ device, reading }: ReadingRef): string {
  return `${device} ${reading}`;
}
