/**
 * Age: how long ago a message was enqueued, whatever the wall clock did since.
 *
 * A message carries the wall-clock time of its enqueue only, and that clock may
 * jump. So the relay compares it with the monotonic clock, again and again.
 * Between two jumps lies a **regime**: the wall clock is ahead of the monotonic
 * one by a fixed amount. A message that was known before a jump was stamped
 * under an older regime, and its age is told by that one; one that may have
 * been stamped under several gets the smallest age that makes sense.
 *
 * Not covered, as nobody was there to see it: a jump of a plausible size while
 * no relay ran, and one that was undone before the relay looked again. Time
 * that the monotonic clock does not count, as Linux does while the machine is
 * suspended, looks like a jump: messages get older without it.
 *
 * @module
 */

import type { Instant } from "../clock.ts";
import type { Message } from "../message.ts";

/** What a look at the outbox says about its messages. */
export interface Sight {
  /** When it was asked for, in monotonic ms. */
  readonly askedMs: number;
  /** When it was answered, in monotonic ms. */
  readonly answeredMs: number;
  /** The highest sequence ever used. */
  readonly newestSeq: number;
  /** The lowest sequence that is still there; `null` when none is. */
  readonly oldestSeq: number | null;
}

/** A time during which the wall clock went as time does. */
interface Regime {
  /** How far the wall clock is ahead of the monotonic one, in ms. */
  offsetMs: number;
  /** The first message that may have been stamped under it. */
  readonly fromSeq: number;
  /** The last one. */
  toSeq: number;
  /** When it was seen to be over (monotonic ms). */
  endedAtMs: number;
}

/** The wall clock may be off by so much before that counts as a jump, in ms. */
export const STEP_MS = 1_000;

/** As fast as clocks are slewed, and drift: 1,000 parts in a million. */
export const SLEW = 0.001;

/** 2020-01-01: a clock that stands before it was never set. */
const SET_SINCE_MS = 1_577_836_800_000;

/** Whatever was stamped before a jump is committed so much later, in ms. */
const COMMIT_MS = 60_000;

const MAX_REGIMES = 8;

/** Tells ages, as far as it was told of the clocks. */
export class Ages {
  /** By age; the last one is in force. */
  #regimes: Regime[] = [];
  /** The present offset, as far as slewing explains it. */
  #steadyMs = 0;
  #checkedMs = 0;
  /** The highest sequence that was seen. */
  #seenSeq = 0;
  /** The same, as of the last check: stamped before it. */
  #knownSeq = 0;
  /** What was there at the first look, and when that was. */
  #found: { readonly seq: number; readonly atMs: number } | null = null;

  /** Compares the clocks. To be called after messages were read, and before they are judged. */
  check({ wallMs, monotonicMs }: Instant): void {
    const offsetMs = wallMs - monotonicMs;
    const slewMs = SLEW * (monotonicMs - this.#checkedMs);
    const changeMs = offsetMs - this.#steadyMs;
    const unexplainedMs = Math.abs(changeMs) - Math.max(0, slewMs);
    const current = this.#regimes.at(-1);
    if (current !== undefined && unexplainedMs <= STEP_MS) {
      current.offsetMs = offsetMs;
      this.#steadyMs += Math.max(-slewMs, Math.min(slewMs, changeMs));
    } else {
      if (current !== undefined) current.endedAtMs = monotonicMs;
      this.#begin(offsetMs);
      this.#steadyMs = offsetMs;
    }
    this.#checkedMs = monotonicMs;
    this.#knownSeq = this.#seenSeq;
  }

  /** Takes note of which messages there are. */
  saw({ askedMs, answeredMs, newestSeq, oldestSeq }: Sight): void {
    this.#found ??= { seq: newestSeq, atMs: answeredMs };
    this.#seenSeq = Math.max(this.#seenSeq, newestSeq);
    for (const regime of this.#regimes) {
      const isClosed = regime.toSeq < Infinity;
      if (isClosed || askedMs < regime.endedAtMs + COMMIT_MS) continue;
      regime.toSeq = newestSeq;
    }
    const firstSeq = oldestSeq ?? newestSeq + 1;
    this.#regimes = this.#regimes.filter(({ toSeq }) => toSeq >= firstSeq);
  }

  /** How old a message is, in ms: never below 0, and not above the truth. */
  ageMs(
    { seq, enqueuedAtMs }: Pick<Message, "seq" | "enqueuedAtMs">,
    monotonicMs: number,
  ): number {
    const isSet = enqueuedAtMs >= SET_SINCE_MS;
    const ageUnder = ({ offsetMs }: Regime) =>
      monotonicMs + offsetMs - enqueuedAtMs;
    const isLike = ({ offsetMs }: Regime) =>
      monotonicMs + offsetMs >= SET_SINCE_MS === isSet;
    const own = this.#regimes.filter(({ fromSeq, toSeq }) =>
      fromSeq <= seq && seq <= toSeq
    );
    const likely = own.filter(isLike);
    if (likely.length > 0) {
      const ages = likely.map(ageUnder).filter((ageMs) => ageMs >= 0);
      return ages.length === 0 ? 0 : Math.min(...ages);
    }
    if (!isSet) return this.#knownForMs(seq, monotonicMs);
    // It comes from before this relay, which began on a clock that was not set.
    const first = this.#regimes.find(isLike);
    return first === undefined ? 0 : Math.max(0, ageUnder(first));
  }

  #begin(offsetMs: number): void {
    this.#regimes.push({
      offsetMs,
      fromSeq: this.#regimes.length === 0 ? 0 : this.#knownSeq + 1,
      toSeq: Infinity,
      endedAtMs: Infinity,
    });
    const [first, second, ...rest] = this.#regimes;
    if (rest.length + 2 <= MAX_REGIMES) return;
    if (first === undefined || second === undefined) return;
    const merged: Regime = {
      // A message is as young as either of them says.
      offsetMs: Math.min(first.offsetMs, second.offsetMs),
      fromSeq: first.fromSeq,
      toSeq: Math.max(first.toSeq, second.toSeq),
      endedAtMs: Math.max(first.endedAtMs, second.endedAtMs),
    };
    this.#regimes = [merged, ...rest];
  }

  /** For how long this relay has known that a message is there. */
  #knownForMs(seq: number, monotonicMs: number): number {
    const found = this.#found;
    return found === null || seq > found.seq
      ? 0
      : Math.max(0, monotonicMs - found.atMs);
  }
}
