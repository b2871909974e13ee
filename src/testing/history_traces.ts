/**
 * Follows every message and every transaction through a history.
 *
 * @module
 */

import type { HistoryEntry, HistoryMessage } from "./history.ts";

/** What became of one message. */
export interface Trace {
  /** As the application knows it; as it arrived, when nobody intended it. */
  message: HistoryMessage;
  readonly transactions: Transaction[];
  copies: number;
  premature: boolean;
  corrupt: boolean;
  /** Was seen in the outbox, waiting or dead. */
  stored: boolean;
  remaining: boolean;
  dead: boolean;
  /** Died without holding its lane: its place is given up. */
  skipped: boolean;
  discarded: boolean;
  expired: boolean;
  /** Expired before its time. */
  early: boolean;
}

/** A transaction; neither committed nor refused while nobody knows. */
export interface Transaction {
  readonly parts: Trace[];
  committed: boolean;
  refused: boolean;
}

/** All messages and transactions of a history. */
export interface Traces {
  /** By the id of the message. */
  readonly traces: ReadonlyMap<string, Trace>;
  readonly transactions: readonly Transaction[];
}

/** Follows every message and every transaction through the history. */
export function followHistory(history: readonly HistoryEntry[]): Traces {
  const traces = new Map<string, Trace>();
  const transactions = new Map<string, Transaction>();
  const note = (id: string, change: Partial<Trace>) =>
    Object.assign(traceOf(traces, { id, key: null, position: 0 }), change);
  for (const entry of history) {
    switch (entry.type) {
      case "intended":
        for (const message of entry.messages) {
          const trace = traceOf(traces, message);
          const transaction = transactionOf(transactions, entry.tx);
          trace.message = message;
          trace.transactions.push(transaction);
          transaction.parts.push(trace);
        }
        break;
      case "committed":
        transactionOf(transactions, entry.tx).committed = true;
        break;
      case "rolledBack":
        transactionOf(transactions, entry.tx).refused = true;
        break;
      case "resolved":
        transactionOf(transactions, entry.tx)[
          entry.committed ? "committed" : "refused"
        ] = true;
        break;
      case "received":
        receive(traceOf(traces, entry), entry);
        break;
      case "refused":
        note(entry.id, { stored: true });
        break;
      case "dead":
        note(entry.id, { stored: true, dead: true });
        if (!entry.held) note(entry.id, { skipped: true });
        break;
      case "retried":
        note(entry.id, { stored: true, dead: false });
        break;
      case "discarded":
        note(entry.id, { stored: true, discarded: true });
        break;
      case "expired":
        note(entry.id, { stored: true, dead: false, expired: true });
        if (entry.ageMs < entry.ttlMs) note(entry.id, { early: true });
        break;
      case "remaining":
        note(entry.id, { stored: true, remaining: true });
        break;
    }
  }
  return { traces, transactions: [...transactions.values()] };
}

function receive(trace: Trace, { key, position }: HistoryMessage): void {
  const { message, transactions } = trace;
  if (transactions.length === 0) trace.premature = true;
  else if (message.key !== key || message.position !== position) {
    trace.corrupt = true;
  }
  trace.copies += 1;
}

/** A transaction without an outcome counts as committed as far as it was found. */
export function isCommitted(trace: Trace): boolean {
  return trace.transactions.some(({ committed, refused }) =>
    committed || (!refused && isFound(trace))
  );
}

/** It exists, and no transaction that may have committed explains it. */
export function isPhantom(trace: Trace): boolean {
  return isFound(trace) && trace.transactions.every(({ refused }) => refused);
}

/** Of a transaction that may have committed, some messages exist and some do not. */
export function isTorn({ parts, refused }: Transaction): boolean {
  return !refused && parts.some(isFound) && !parts.every(isFound);
}

function isFound({ copies, stored }: Trace): boolean {
  return copies > 0 || stored;
}

/** At the end of a history: it never arrived, and nobody knows of it. */
export function isNowhere(
  { copies, dead, discarded, expired, remaining }: Trace,
): boolean {
  return copies === 0 && !dead && !discarded && !expired && !remaining;
}

/** At the end of a history: it is still to be delivered. */
export function isWaiting({ dead, discarded, remaining }: Trace): boolean {
  return remaining && !dead && !discarded;
}

function traceOf(traces: Map<string, Trace>, message: HistoryMessage): Trace {
  const { id, key, position } = message;
  const trace = traces.get(id) ?? {
    message: { id, key, position },
    transactions: [],
    copies: 0,
    premature: false,
    corrupt: false,
    stored: false,
    remaining: false,
    dead: false,
    skipped: false,
    discarded: false,
    expired: false,
    early: false,
  };
  traces.set(id, trace);
  return trace;
}

function transactionOf(
  transactions: Map<string, Transaction>,
  tx: string,
): Transaction {
  const transaction = transactions.get(tx) ??
    { parts: [], committed: false, refused: false };
  transactions.set(tx, transaction);
  return transaction;
}
