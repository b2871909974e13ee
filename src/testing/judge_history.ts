/**
 * The judge: whether a history keeps what the outbox promises.
 *
 * @module
 */

import type { SendOrder } from "../../mod.ts";
import type { HistoryEntry } from "./history.ts";
import {
  followHistory,
  isCommitted,
  isNowhere,
  isPhantom,
  isTorn,
  isWaiting,
} from "./history_traces.ts";
import { reordered } from "./judge_order.ts";

/** What a history adds up to. Counts of messages, but for `torn` and the duplicates. */
export interface Verdict {
  /** Whether the history breaks off before its end: then nothing is missed in it. */
  readonly cut: boolean;
  /** Known to be committed, or found though nobody heard the outcome. */
  readonly committed: number;
  /** Those of them that arrived, each counted once. */
  readonly delivered: number;
  /** Those of them that were not sent in time, and did not arrive. */
  readonly expired: number;
  /** Committed, and at the end nowhere: neither arrived, nor dead, discarded, expired or waiting. */
  readonly lost: number;
  /** Expired before their time to live was over. */
  readonly expiredEarly: number;
  /** Neither settled nor dead: at the end the outbox had not drained. */
  readonly undelivered: number;
  /** Arrived or stored, though rolled back or never part of a transaction. */
  readonly phantom: number;
  /** Arrived before its COMMIT was asked for. */
  readonly premature: number;
  /** Transactions of which some messages were found and others were not. */
  readonly torn: number;
  /**
   * Overtaken by a successor of its key, and copies that came after one: the
   * 2 in 1, 3, 2 and in 1, 2, 3, 2; never the second 3 in 1, 2, 3, 3. In
   * pipelined order those whose last copy came after that of a successor, and
   * those that a successor came before at first though they were not refused:
   * never the 2 in 1, 3, 2, 3 if the broker had refused it.
   */
  readonly reordered: number;
  /** Arrived with another key or position than it was committed with. */
  readonly corrupt: number;
  /** Arrivals of what had arrived before. */
  readonly duplicates: number;
  /** As many of them as the faults explain. */
  readonly duplicatesAllowed: number;
  /** As many of them as no fault explains. */
  readonly duplicatesOverBound: number;
}

/** What a history is held against. */
export interface JudgeOptions {
  /**
   * The order that the relays kept to.
   *
   * @default {"strict"}
   */
  readonly order?: SendOrder;
}

/**
 * Judges a history. Without an `end` it counts as cut, and is judged as far as
 * it goes: what was still to come is not missed.
 *
 * @example
 * ```ts
 * const message = { id: "a", key: "meter 1", position: 1 };
 * judgeHistory([
 *   { type: "intended", tx: "t1", messages: [message] },
 *   { type: "rolledBack", tx: "t1" },
 *   { type: "received", ...message },
 *   { type: "end" },
 * ]).phantom; // 1
 * ```
 */
export function judgeHistory(
  entries: Iterable<HistoryEntry>,
  { order = "strict" }: JudgeOptions = {},
): Verdict {
  const history = [...entries];
  const { traces, transactions } = followHistory(history);
  const all = [...traces.values()];
  const ended = history.some(({ type }) => type === "end");
  const missed = (count: number) => ended ? count : 0;
  const committed = all.filter(isCommitted);
  const duplicates = sum(all, ({ copies }) => Math.max(0, copies - 1));
  const duplicatesAllowed = sum(
    history,
    (entry) => entry.type === "fault" ? entry.duplicates : 0,
  );
  return {
    cut: !ended,
    committed: committed.length,
    delivered: committed.filter(({ copies }) => copies > 0).length,
    expired: committed.filter(({ copies, expired }) => copies === 0 && expired)
      .length,
    lost: missed(committed.filter(isNowhere).length),
    expiredEarly: all.filter(({ early }) => early).length,
    undelivered: missed(committed.filter(isWaiting).length),
    phantom: all.filter(isPhantom).length,
    premature: committed.filter(({ premature }) => premature).length,
    torn: missed(transactions.filter(isTorn).length),
    reordered: reordered({ history, traces, cut: !ended }, order),
    corrupt: committed.filter(({ corrupt }) => corrupt).length,
    duplicates,
    duplicatesAllowed,
    duplicatesOverBound: Math.max(0, duplicates - duplicatesAllowed),
  };
}

/** Whether a verdict finds nothing against the outbox. */
export function isFlawless(verdict: Verdict): boolean {
  const { lost, expiredEarly, undelivered, phantom, premature } = verdict;
  const { torn, reordered, corrupt, duplicatesOverBound } = verdict;
  return lost + expiredEarly + undelivered + phantom + premature + torn +
      reordered +
      corrupt + duplicatesOverBound === 0;
}

function sum<T>(values: readonly T[], of: (value: T) => number): number {
  return values.reduce((total, value) => total + of(value), 0);
}
