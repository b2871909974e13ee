/**
 * Entries of made-up histories. `a1` is the first message of the key a, `-1`
 * one without a key.
 *
 * @module
 */

import type { HistoryEntry, HistoryMessage } from "../../src/testing/mod.ts";

/** COMMIT is about to be asked for, and no more is known. */
export function intended(tx: string, ...names: string[]): HistoryEntry {
  return { type: "intended", tx, messages: names.map(messageOf) };
}

/** A transaction with these messages. */
export function committed(tx: string, ...names: string[]): HistoryEntry[] {
  return [intended(tx, ...names), { type: "committed", tx }];
}

/** A transaction whose outcome nobody heard, and what became of it. */
export function resolved(
  tx: string,
  committed: boolean,
  ...names: string[]
): HistoryEntry[] {
  return [intended(tx, ...names), { type: "resolved", tx, committed }];
}

/** Arrivals, in order. */
export function received(...names: string[]): HistoryEntry[] {
  return names.map((name) => ({ type: "received", ...messageOf(name) }));
}

/** Refusals of the broker. */
export function refused(...ids: string[]): HistoryEntry[] {
  return ids.map((id) => ({ type: "refused", id }));
}

/** A message that is set aside. */
export function dead(id: string, held: boolean): HistoryEntry {
  return { type: "dead", id, held };
}

/** A message that was not sent in time. */
export function expired(id: string): HistoryEntry {
  return { type: "expired", id, ageMs: 10, ttlMs: 10 };
}

/** Something that explains copies. */
export function fault(duplicates: number): HistoryEntry {
  return { type: "fault", kind: "kill", duplicates };
}

function messageOf(id: string): HistoryMessage {
  const [key, position] = [id[0]!, Number(id[1])];
  return { id, key: key === "-" ? null : key, position };
}
