/**
 * What was committed against what arrived, by the application's own rows.
 *
 * @module
 */

import type { SendOrder } from "@mailboat/outbox";
import {
  type HistoryEntry,
  judgeHistory,
  type Verdict,
} from "@mailboat/outbox/testing";
import type { Reading } from "./children/reading.ts";
import type { Receipt } from "./receipt.ts";

/** What no history may show. */
export const flawless = {
  cut: false,
  lost: 0,
  expiredEarly: 0,
  undelivered: 0,
  phantom: 0,
  premature: 0,
  torn: 0,
  reordered: 0,
  corrupt: 0,
  duplicatesOverBound: 0,
} satisfies Partial<Verdict>;

/** Judges the history of a run that is over. */
export function judge({ committed, received, duplicatesAllowed, order }: {
  readonly committed: readonly Reading[];
  readonly received: readonly Omit<Receipt, "atMs">[];
  readonly duplicatesAllowed: number;
  /** Strict unless said. */
  readonly order?: SendOrder;
}): Verdict {
  return judgeHistory([
    ...transactionsOf(committed),
    { type: "fault", kind: "all", duplicates: duplicatesAllowed },
    ...received.map(({ id, key, n }) =>
      ({ type: "received", id, key, position: n }) as const
    ),
    { type: "end" },
  ], { order: order ?? "strict" });
}

/** One line for people. */
export function summary(verdict: Verdict): string {
  return Object.entries(verdict).map(([name, count]) => `${name} ${count}`)
    .join(", ");
}

function transactionsOf(rows: readonly Reading[]): HistoryEntry[] {
  const transactions = new Map<string, Reading[]>();
  for (const row of rows) {
    transactions.set(row.tx, [...transactions.get(row.tx) ?? [], row]);
  }
  return [...transactions].flatMap(([tx, its]) => [
    {
      type: "intended",
      tx,
      messages: [...its, ...missingFrom(its)].map(({ id, key, n }) => ({
        id,
        key,
        position: n,
      })),
    },
    { type: "committed", tx },
  ]);
}

/** A row for each that a transaction wrote and that is not there; nobody knows its id. */
function missingFrom(rows: readonly Reading[]): Reading[] {
  const [first] = rows;
  if (first === undefined) return [];
  return Array.from({ length: first.size - rows.length }, (_, at) => ({
    ...first,
    id: `${first.tx}, missing ${at + 1}`,
  }));
}
