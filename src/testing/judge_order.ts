/**
 * Judges the order in which messages arrived, by what was promised.
 *
 * @module
 */

import type { SendOrder } from "../../mod.ts";
import type { HistoryEntry } from "./history.ts";
import { isCommitted, type Trace } from "./history_traces.ts";

/** What a history and its messages tell about the order. */
export interface OrderCase {
  /** Every entry. */
  readonly history: readonly HistoryEntry[];
  /** What became of each message, by id. */
  readonly traces: ReadonlyMap<string, Trace>;
  /** Whether the history breaks off: copies may still arrive. */
  readonly cut: boolean;
}

/** Counts the messages that were overtaken, or came too late. */
export function reordered(given: OrderCase, order: SendOrder): number {
  return order === "strict" ? inStrict(given) : inPipelined(given);
}

/** First copies are in order, and no copy comes after a successor. */
function inStrict({ history, traces }: OrderCase): number {
  /** The highest position that has arrived, by key. */
  const latest = new Map<string | null, number>();
  /** What need not be waited for any longer: it arrived, was discarded, or expired. */
  const done = new Set<Trace>();
  const givenUp = new Set<Trace>();
  const isPassed = ({ message: { key, position } }: Trace) =>
    position < (latest.get(key) ?? 0);
  let count = 0;
  for (const entry of history) {
    const isArrival = entry.type === "received";
    if (!isArrival && !isEnd(entry)) continue;
    const trace = traces.get(entry.id);
    if (!trace || !keepsPlace(trace) || givenUp.has(trace)) continue;
    const { key, position } = trace.message;
    if (!isArrival) {
      if (!done.has(trace) && isPassed(trace)) count += 1;
      givenUp.add(trace);
    } else if (isPassed(trace)) count += 1;
    else latest.set(key, position);
    done.add(trace);
  }
  const missing = [...traces.values()]
    .filter((trace) => keepsPlace(trace) && !done.has(trace));
  return count + missing.filter(isPassed).length;
}

/** Last copies are in order, and only what was refused is overtaken at first. */
function inPipelined(given: OrderCase): number {
  const late = new Set<Trace>();
  for (const places of placesByKey(given).values()) {
    const atLast = given.cut ? [] : lateAtLast(places);
    for (const { trace } of [...atLast, ...passedAtFirst(places)]) {
      late.add(trace);
    }
  }
  return late.size;
}

/** What happened to a message that keeps its place, as indices into the history. */
interface Place {
  readonly trace: Trace;
  readonly arrivals: number[];
  refusedAt: number;
  /** When it was first said that it will not be sent any more, and when last. */
  givenUpAt: number;
  endedAt: number;
}

function placesByKey({ history, traces }: OrderCase): Map<string, Place[]> {
  const places = new Map<Trace, Place>();
  const byKey = new Map<string, Place[]>();
  for (const trace of traces.values()) {
    const { key } = trace.message;
    if (key === null || !keepsPlace(trace)) continue;
    const nothing = { refusedAt: Infinity, givenUpAt: Infinity, endedAt: -1 };
    const place = { trace, arrivals: [], ...nothing };
    places.set(trace, place);
    const others = byKey.get(key) ?? [];
    byKey.set(key, others);
    others.push(place);
  }
  for (const [at, entry] of history.entries()) {
    if (!("id" in entry)) continue;
    const trace = traces.get(entry.id);
    const place = trace && places.get(trace);
    if (place === undefined) continue;
    if (entry.type === "received") place.arrivals.push(at);
    if (entry.type === "refused") {
      place.refusedAt = Math.min(place.refusedAt, at);
    }
    if (!isEnd(entry)) continue;
    place.givenUpAt = Math.min(place.givenUpAt, at);
    place.endedAt = at;
  }
  for (const one of byKey.values()) {
    one.sort((a, b) => a.trace.message.position - b.trace.message.position);
  }
  return byKey;
}

/** Those whose last copy, or end, comes after the last copy of a successor. */
function lateAtLast(places: readonly Place[]): Place[] {
  let successorAt = Infinity;
  const late: Place[] = [];
  for (const place of [...places].reverse()) {
    const { trace, arrivals, endedAt } = place;
    const lastAt = Math.max(endedAt, arrivals.at(-1) ?? -1);
    if (lastAt < 0 ? successorAt < Infinity : lastAt > successorAt) {
      late.push(place);
    }
    // What is still in the outbox, or was given up, has no last copy.
    const isLast = lastAt > endedAt && !trace.remaining;
    if (isLast) successorAt = Math.min(successorAt, lastAt);
  }
  return late;
}

/** Those that a successor arrived before, though the broker had not refused them. */
function passedAtFirst(places: readonly Place[]): Place[] {
  let successorAt = Infinity;
  const passed: Place[] = [];
  for (const place of [...places].reverse()) {
    const { arrivals, givenUpAt, refusedAt } = place;
    const [firstAt = Infinity] = arrivals;
    const at = Math.min(firstAt, givenUpAt, refusedAt);
    if (at > successorAt) passed.push(place);
    successorAt = Math.min(successorAt, firstAt);
  }
  return passed;
}

/** Whether an entry says that a message will not be sent any more. */
function isEnd(
  entry: HistoryEntry,
): entry is Extract<HistoryEntry, { readonly type: "discarded" | "expired" }> {
  return entry.type === "discarded" || entry.type === "expired";
}

/** All but those without a key, and those that died without holding their lane. */
function keepsPlace(trace: Trace): boolean {
  return isCommitted(trace) && trace.message.key !== null && !trace.skipped;
}
