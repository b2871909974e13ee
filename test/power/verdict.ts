/**
 * Judges a power cut: what was seen before it against what is there afterwards.
 *
 * @module
 */

import { type HistoryEntry, judgeHistory } from "@mailboat/outbox/testing";
import type { Mark } from "./mark.ts";
import { FRESH, type Recovery, type Sequenced } from "./recovery.ts";
import type { Trial } from "./trial.ts";
import { WINDOW } from "./workload.ts";

/** What no power cut may do; counts of whatever each speaks of. */
export interface Violations {
  /** The database is damaged, or cannot be used. */
  readonly damaged: number;
  /** With FULL: transactions that the application was told are committed, and are gone. */
  readonly undurable: number;
  /** With NORMAL: transactions that are there although an older one is gone. */
  readonly gap: number;
  /** Transactions of which some rows or messages are there and others are not. */
  readonly torn: number;
  /** Rows whose message neither arrived nor waits. */
  readonly lost: number;
  /** Messages that the world saw or will see without their row. */
  readonly phantom: number;
  /** Messages that the relay left behind. */
  readonly undelivered: number;
  readonly reordered: number;
  /** More copies than one window. */
  readonly duplicates: number;
  /** Messages that do not say what their row says. */
  readonly corrupt: number;
  /** Sequence numbers that were used twice, or go back. */
  readonly reusedSeq: number;
}

/** A judgement. */
export interface Verdict {
  readonly violations: Violations;
  /** With NORMAL: the newest transactions, gone as they may be. */
  readonly lostNewest: number;
}

/** The verdict on a database that could not be used at all. */
export const UNUSABLE: Violations = {
  damaged: 1,
  undurable: 0,
  gap: 0,
  torn: 0,
  lost: 0,
  phantom: 0,
  undelivered: 0,
  reordered: 0,
  duplicates: 0,
  corrupt: 0,
  reusedSeq: 0,
};

/** Judges one cut by the marks before it and the recovery from it. */
export function judgeCut(
  marks: readonly Mark[],
  recovery: Recovery,
  { synchronous }: Trial,
): Verdict {
  const there = new Set(recovery.readings.map(({ tx }) => tx));
  const acknowledged = marks.flatMap((mark) =>
    mark.type === "committed" ? mark.tx : []
  );
  const gone = acknowledged.filter((tx) => !there.has(tx));
  const firstGone = acknowledged.findIndex((tx) => !there.has(tx));
  const laterThere = firstGone < 0 ? 0 : acknowledged.slice(firstGone)
    .filter((tx) => there.has(tx)).length;
  const history = judgeHistory(historyOf(marks, recovery, new Set(gone)));
  const durable = synchronous === "FULL";
  return {
    violations: {
      damaged: recovery.integrity === "ok" ? 0 : 1,
      undurable: durable ? gone.length : 0,
      gap: durable ? 0 : laterThere,
      torn: history.torn + tornRows(marks, recovery),
      lost: history.lost,
      phantom: history.phantom,
      undelivered: history.undelivered,
      reordered: history.reordered,
      duplicates: history.duplicatesOverBound,
      corrupt: history.corrupt + history.premature,
      reusedSeq: reusedSeqs(marks, recovery),
    },
    lostNewest: durable ? 0 : gone.length,
  };
}

/**
 * The history as the database tells it in the end: a transaction whose rows
 * are gone was never committed, whatever was said of it.
 */
function historyOf(
  marks: readonly Mark[],
  { readings, fresh, received, remaining }: Recovery,
  gone: ReadonlySet<string>,
): HistoryEntry[] {
  const there = new Set(readings.map(({ tx }) => tx));
  const open = new Set<string>();
  for (const mark of marks) {
    if (mark.type === "intended") open.add(mark.tx);
    if (mark.type === "rolledBack") open.delete(mark.tx);
    if (mark.type === "committed" && !gone.has(mark.tx)) open.delete(mark.tx);
  }
  return [
    ...marks.filter((mark) => mark.type !== "committed" || !gone.has(mark.tx)),
    ...[...open].map((tx): HistoryEntry => ({
      type: "resolved",
      tx,
      committed: there.has(tx),
    })),
    { type: "fault", kind: "power", duplicates: WINDOW },
    { type: "intended", tx: FRESH, messages: [fresh] },
    { type: "committed", tx: FRESH },
    ...received.map((message): HistoryEntry => ({
      type: "received",
      ...message,
    })),
    ...remaining.map((id): HistoryEntry => ({ type: "remaining", id })),
    { type: "end" },
  ];
}

/** Transactions whose rows are not the ones that were intended, all of them. */
function tornRows(
  marks: readonly Mark[],
  { readings }: Recovery,
): number {
  const intended = new Map<string, string[]>();
  for (const mark of marks) {
    if (mark.type === "rolledBack") intended.delete(mark.tx);
    if (mark.type !== "intended") continue;
    intended.set(mark.tx, mark.messages.map(({ id }) => id));
  }
  const found = new Map<string, string[]>();
  for (const { tx, id } of readings) {
    found.set(tx, [...found.get(tx) ?? [], id]);
  }
  return [...found].filter(([tx, ids]) =>
    intended.get(tx)?.join() !== ids.join()
  ).length;
}

function reusedSeqs(
  marks: readonly Mark[],
  { fresh, received }: Recovery,
): number {
  const sent = marks.flatMap((mark): Sequenced[] =>
    mark.type === "received" && mark.seq !== undefined
      ? [{ ...mark, seq: mark.seq }]
      : []
  );
  const owners = new Map<number, string>();
  let reused = sent.some(({ seq }) => seq >= fresh.seq) ? 1 : 0;
  for (const { seq, id } of [...sent, ...received]) {
    const owner = owners.get(seq) ?? id;
    if (owner !== id) reused += 1;
    owners.set(seq, owner);
  }
  return reused;
}
