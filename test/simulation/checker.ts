/**
 * Judges a history: what was committed against what the broker received.
 *
 * @module
 */

import type { Message } from "@mailboat/outbox";

/** As much of a message as the judgement needs. */
type Mark = Pick<Message, "id" | "key">;

/** What happened, as far as anybody outside the relay can see. */
export interface History {
  /** Every message that was ever committed, in commit order. */
  readonly committed: readonly Mark[];
  /** What the broker took, in order of arrival. */
  readonly received: readonly { readonly message: Mark }[];
  /** Messages that an operator discarded, by id. */
  readonly discarded: ReadonlySet<string>;
  /** Messages that died without holding their lane, by id: their place in order is given up. */
  readonly skipped: ReadonlySet<string>;
  /** Duplicates that the faults of this history explain. */
  readonly duplicatesAllowed: number;
  /** Whether the end was waited for, so that nothing may be missing. */
  readonly complete: boolean;
}

/** What a history adds up to; every field but `duplicates` must be zero. */
export interface Judgement {
  readonly lost: number;
  readonly phantom: number;
  /** First deliveries before their predecessor, and redeliveries after their successor. */
  readonly reordered: number;
  readonly duplicates: number;
  readonly duplicatesOverBound: number;
}

/** Judges a history. */
export function judgeHistory(history: History): Judgement {
  const { committed, received, discarded, skipped } = history;
  const byId = new Map(committed.map((message) => [message.id, message]));
  const seen = new Set<string>();
  let phantom = 0;
  let duplicates = 0;
  for (const { message } of received) {
    if (!byId.has(message.id)) phantom += 1;
    if (seen.has(message.id)) duplicates += 1;
    seen.add(message.id);
  }
  const missing = committed.filter(({ id }) =>
    !seen.has(id) && !discarded.has(id)
  );
  return {
    lost: history.complete ? missing.length : 0,
    phantom,
    reordered: reordered(history, skipped),
    duplicates,
    duplicatesOverBound: Math.max(0, duplicates - history.duplicatesAllowed),
  };
}

function reordered(history: History, skipped: ReadonlySet<string>): number {
  const { committed, received, discarded } = history;
  const lanes = new Map<string, Mark[]>();
  for (const message of committed) {
    if (message.key === null || skipped.has(message.id)) continue;
    const lane = lanes.get(message.key) ?? [];
    lane.push(message);
    lanes.set(message.key, lane);
  }
  const nextOf = new Map<string, number>();
  let faults = 0;
  for (const { message } of received) {
    if (message.key === null || skipped.has(message.id)) continue;
    const lane = lanes.get(message.key) ?? [];
    let next = nextOf.get(message.key) ?? 0;
    if (lane[next - 1]?.id === message.id) continue;
    while (next < lane.length && lane[next]?.id !== message.id) {
      const passed = lane[next];
      if (passed === undefined || !discarded.has(passed.id)) break;
      next += 1;
    }
    if (lane[next]?.id === message.id) nextOf.set(message.key, next + 1);
    else faults += 1;
  }
  return faults;
}
