/**
 * What was committed against what arrived, by the application's own rows.
 *
 * @module
 */

import { judgeHistory, type Judgement } from "../simulation/checker.ts";
import type { Reading } from "./children/reading.ts";
import type { Receipt } from "./subscriber.ts";

/** A judgement, and what only business rows can tell. */
export interface Verdict extends Judgement {
  readonly committed: number;
  /** Transactions of which a part is there. */
  readonly torn: number;
  /** Messages that do not say what their row says. */
  readonly corrupt: number;
}

/** What no history may show. */
export const flawless = {
  lost: 0,
  phantom: 0,
  reordered: 0,
  duplicatesOverBound: 0,
  torn: 0,
  corrupt: 0,
};

/** Judges the history of a run that is over. */
export function judge(history: {
  readonly committed: readonly Reading[];
  readonly received: readonly Omit<Receipt, "atMs">[];
  readonly duplicatesAllowed: number;
}): Verdict {
  const { committed, received, duplicatesAllowed } = history;
  const rows = new Map(committed.map((row) => [row.id, row]));
  const sizes = new Map<string, number>();
  for (const { tx } of committed) sizes.set(tx, (sizes.get(tx) ?? 0) + 1);
  return {
    ...judgeHistory({
      committed,
      received: received.map((message) => ({ message })),
      discarded: new Set(),
      skipped: new Set(),
      duplicatesAllowed,
      complete: true,
    }),
    committed: committed.length,
    torn: committed.filter(({ tx, size }) => sizes.get(tx) !== size).length,
    corrupt: received.filter(({ id, key, n }) => {
      const row = rows.get(id);
      return row !== undefined && (row.key !== key || row.n !== n);
    }).length,
  };
}

/** One line for people. */
export function summary(verdict: Verdict): string {
  return Object.entries(verdict).map(([name, count]) => `${name} ${count}`)
    .join(", ");
}
