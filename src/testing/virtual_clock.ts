/**
 * A clock that stands still until it is told to move.
 *
 * Promises, sockets and `turn()` go on as ever; only sleeping depends on the
 * clock. Before time moves, everything that can run has run: code under test
 * never sees two instants at once.
 *
 * @module
 */

import { type Clock, systemClock } from "../../mod.ts";
import { checkedNumber, readOptions } from "../logic/options.ts";

/** What a virtual clock starts with. */
export interface VirtualClockOptions {
  /**
   * Wall-clock time at the start, in ms since the epoch.
   *
   * @default {1735689600000} 2025-01-01T00:00:00Z
   */
  readonly startAtMs?: number;
}

/** A {@link Clock} whose time moves only when told. Its monotonic time starts at 0. */
export interface VirtualClock extends Clock {
  /** How many sleeps have not ended; 0 proves that no timer is left. */
  readonly pending: number;
  /**
   * Moves both times forward by `ms`, ending the sleeps on the way one by one,
   * by time and then by registration, each at its own instant.
   */
  advance(ms: number): Promise<void>;
  /**
   * Lets everything that needs no time run to its end.
   *
   * @throws {Error} when it has none, as a loop calls `turn()` for ever.
   */
  idle(): Promise<void>;
  /**
   * Moves from one sleep's end to the next until the condition holds.
   *
   * Time stands where the condition was found to hold.
   *
   * @throws {Error} with a list of the sleeps, when nothing sleeps any more or
   * the next sleep ends beyond `maxMs` (default one hour).
   */
  runUntil(
    condition: () => boolean | Promise<boolean>,
    options?: { readonly maxMs?: number },
  ): Promise<void>;
  /** Sets the wall clock, forward or back; sleeps and the monotonic time do not notice. */
  setWallMs(ms: number): void;
  /** Moves the wall clock by `deltaMs`, forward or back. */
  jumpWall(deltaMs: number): void;
}

/** One `sleep` that has not ended. */
interface Sleeper {
  readonly dueMs: number;
  readonly sinceMs: number;
  readonly wake: () => void;
}

const START_AT_MS = 1_735_689_600_000;
const LONG_AGO_MS = -8_640_000_000_000_000;
const MAX_RUN_MS = 3_600_000;
const MAX_TURNS = 1_000_000;
const MAX_LISTED = 10;

/**
 * Creates a clock for tests.
 *
 * @throws {InputError} `INVALID_OPTION` when `startAtMs` is not a date, or later
 * when a duration is not finite.
 *
 * @example
 * ```ts
 * const clock = createVirtualClock();
 * const nap = clock.sleep(60_000).then(() => clock.monotonicMs());
 * await clock.advance(90_000);
 * await nap; // 60000
 * ```
 */
export function createVirtualClock(
  options: VirtualClockOptions = {},
): VirtualClock {
  const action = "create a virtual clock";
  const startAtMs = readOptions({ action, options }, (given) => {
    const { startAtMs: start = START_AT_MS } = given;
    checked(action, "startAtMs", start, LONG_AGO_MS);
    return start;
  });
  return new StandingClock(startAtMs);
}

/** Those who sleep under one signal. */
class Wakers {
  readonly #signal: AbortSignal;
  readonly #all = new Set<() => void>();
  readonly #wakeAll = () => {
    for (const wake of [...this.#all]) wake();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
    signal.addEventListener("abort", this.#wakeAll);
  }

  add(wake: () => void): this {
    this.#all.add(wake);
    return this;
  }

  /** Returns whether it was the last one; then nothing listens any more. */
  delete(wake: () => void): boolean {
    this.#all.delete(wake);
    if (this.#all.size > 0) return false;
    this.#signal.removeEventListener("abort", this.#wakeAll);
    return true;
  }
}

class StandingClock implements VirtualClock {
  readonly #sleepers: Sleeper[] = [];
  readonly #wakers = new WeakMap<AbortSignal, Wakers>();
  readonly #machine = systemClock();
  #wallOffsetMs: number;
  #elapsedMs = 0;
  #turns = 0;
  #driven = false;

  constructor(startAtMs: number) {
    this.#wallOffsetMs = startAtMs;
  }

  get pending(): number {
    return this.#sleepers.length;
  }

  nowMs(): number {
    return this.#wallOffsetMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  turn(): Promise<void> {
    this.#turns++;
    return this.#machine.turn();
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (Number.isNaN(ms)) checked("sleep", "ms", ms, 0);
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const wake = () => {
        this.#remove(sleeper);
        forget();
        resolve();
      };
      const sinceMs = this.#elapsedMs;
      const sleeper = { dueMs: sinceMs + Math.max(ms, 0), sinceMs, wake };
      this.#add(sleeper);
      const forget = signal ? this.#onAbort(signal, wake) : () => {};
    });
  }

  /** Wakes on abort, through one listener however many sleep under one signal. */
  #onAbort(signal: AbortSignal, wake: () => void): () => void {
    const wakers = this.#wakers.get(signal) ?? new Wakers(signal);
    this.#wakers.set(signal, wakers.add(wake));
    return () => {
      if (wakers.delete(wake)) this.#wakers.delete(signal);
    };
  }

  advance(ms: number): Promise<void> {
    checked("advance the clock", "ms", ms, 0);
    return this.#drive(async () => {
      const targetMs = this.#elapsedMs + ms;
      await this.#settle();
      while (this.#endNextSleep(targetMs)) await this.#settle();
      this.#elapsedMs = targetMs;
    });
  }

  idle(): Promise<void> {
    return this.advance(0);
  }

  runUntil(
    condition: () => boolean | Promise<boolean>,
    options: { readonly maxMs?: number } = {},
  ): Promise<void> {
    const maxMs = options.maxMs ?? MAX_RUN_MS;
    checked("run the clock", "maxMs", maxMs, 0);
    return this.#drive(async () => {
      const lastMs = this.#elapsedMs + maxMs;
      await this.#settle();
      while (!await condition()) {
        if (!this.#endNextSleep(lastMs)) throw new Error(this.#stuck(maxMs));
        await this.#settle();
      }
    });
  }

  setWallMs(ms: number): void {
    checked("set the wall clock", "ms", ms, LONG_AGO_MS);
    this.#wallOffsetMs = ms - this.#elapsedMs;
  }

  jumpWall(deltaMs: number): void {
    this.setWallMs(this.nowMs() + deltaMs);
  }

  /** Two drivers would pull time away under each other. */
  async #drive(work: () => Promise<void>): Promise<void> {
    if (this.#driven) {
      throw new Error("Cannot move the clock as it is being moved already");
    }
    this.#driven = true;
    try {
      await work();
    } finally {
      this.#driven = false;
    }
  }

  /** Returns after a macrotask in which nobody asked for another one. */
  async #settle(): Promise<void> {
    for (let round = 0; round < MAX_TURNS; round++) {
      const before = this.#turns;
      await this.#machine.turn();
      if (this.#turns === before) return;
    }
    throw new Error(
      `Cannot settle at ${this.#elapsedMs} ms as turn() is still being called after ${MAX_TURNS} rounds: a loop waits for nothing`,
    );
  }

  #endNextSleep(lastMs: number): boolean {
    const next = this.#sleepers[0];
    if (next === undefined || next.dueMs > lastMs) return false;
    this.#elapsedMs = next.dueMs;
    next.wake();
    return true;
  }

  #add(sleeper: Sleeper): void {
    const earlier = this.#sleepers.findLastIndex(({ dueMs }) =>
      dueMs <= sleeper.dueMs
    );
    this.#sleepers.splice(earlier + 1, 0, sleeper);
  }

  #remove(sleeper: Sleeper): void {
    const index = this.#sleepers.indexOf(sleeper);
    if (index >= 0) this.#sleepers.splice(index, 1);
  }

  #stuck(maxMs: number): string {
    const listed = this.#sleepers.slice(0, MAX_LISTED)
      .map(({ dueMs, sinceMs }) => `from ${sinceMs} to ${dueMs} ms`);
    const more = this.#sleepers.length - listed.length;
    if (more > 0) listed.push(`and ${more} more`);
    return `Cannot reach the condition within ${maxMs} ms: it does not hold at ${this.#elapsedMs} ms and ` +
      (listed.length === 0 ? "nothing sleeps" : `asleep are ${listed}`);
  }
}

function checked(
  action: string,
  option: string,
  value: number,
  min: number,
): number {
  const bounds = { default: 0, min, integer: false };
  return checkedNumber({ action, option, value, ...bounds });
}
