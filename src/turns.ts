/**
 * Turns: the transactions of one process follow each other, and wait for a
 * lock that another process holds without holding up anything else.
 *
 * @module
 */

import { type Clock, systemClock } from "./clock.ts";
import { StorageError } from "./errors.ts";
import { checkedNumber, readOptions, requireMethods } from "./logic/options.ts";
import { fullJitter } from "./logic/retry.ts";
import { type Random, systemRandom } from "./random.ts";

/** How transactions wait. */
export interface TurnOptions {
  /**
   * How long a transaction waits to begin, for those before it and for the
   * lock, in ms; then it fails as busy.
   *
   * @default {30_000}
   */
  readonly beginTimeoutMs?: number;
  /** Tells the time. @default systemClock() */
  readonly clock?: Clock;
  /** Throws the dice. @default systemRandom() */
  readonly random?: Random;
}

/** What a driver adds: how its transactions begin. */
export interface TurnParts<Begun> {
  /** Begins a transaction that holds the lock; one that fails leaves nothing behind. */
  readonly begin: () => Promise<Begun>;
  /** Whether it failed as somebody else holds the lock. */
  readonly isBusy: (thrown: unknown) => boolean;
  /** How to wait. */
  readonly options?: TurnOptions | undefined;
}

/** Transactions of one process, one at a time. */
export interface Turns<Begun> {
  /**
   * Begins a transaction when those before it are over, and works with it.
   *
   * **Promises** to come in the order of the calls, and to look for a lock that
   * others hold at least every 50 ms, with no thread asleep meanwhile.
   * **May fail with** what `begin` or `work` throws, or `STORAGE_BUSY`.
   * **Must not** be called by `work`: it would wait for itself until it fails.
   */
  take<T>(work: (begun: Begun) => Promise<T>): Promise<T>;
}

const LOCK_BASE_MS = 4;
const LOCK_CAP_MS = 50;

/**
 * Creates turns for an adapter's transactions.
 *
 * @throws {InputError} `INVALID_OPTION` naming the option, its value and its bound.
 */
export function createTurns<Begun>(parts: TurnParts<Begun>): Turns<Begun> {
  const action = "take turns";
  return readOptions({ action, options: parts }, (given) => {
    const { begin, isBusy, options = {} } = given;
    const { clock = systemClock(), random = systemRandom() } = options;
    requireMethods({
      action,
      option: "clock",
      value: clock,
      required: "a clock",
      methods: ["monotonicMs", "sleep"],
    });
    requireMethods({
      action,
      option: "random",
      value: random,
      required: "a source of random numbers",
      methods: ["fraction"],
    });
    const beginTimeoutMs = checkedNumber({
      action,
      option: "beginTimeoutMs",
      value: options.beginTimeoutMs,
      default: 30_000,
      min: 1,
      max: 86_400_000,
    });
    return new Queue({ begin, isBusy, clock, random, beginTimeoutMs });
  });
}

class Queue<Begun> implements Turns<Begun> {
  readonly #parts: Omit<TurnParts<Begun>, "options"> & Required<TurnOptions>;
  #last: Promise<void> = Promise.resolve();

  constructor(
    parts: Omit<TurnParts<Begun>, "options"> & Required<TurnOptions>,
  ) {
    this.#parts = parts;
  }

  async take<T>(work: (begun: Begun) => Promise<T>): Promise<T> {
    const { clock, beginTimeoutMs } = this.#parts;
    const endsAtMs = clock.monotonicMs() + beginTimeoutMs;
    const before = this.#last;
    let pass = (): void => {};
    this.#last = new Promise<void>((resolve) => pass = resolve);
    if (!await this.#reached(before)) {
      // Whoever comes next still waits for those before.
      void before.then(pass);
      throw new StorageError(
        "STORAGE_BUSY",
        `Cannot begin a transaction as its turn must come within ${beginTimeoutMs} ms: ` +
          "current value is later; begun inside another, it waits for itself",
      );
    }
    try {
      return await work(await this.#begin(endsAtMs));
    } finally {
      pass();
    }
  }

  /** Whether those before are over in time. */
  async #reached(before: Promise<void>): Promise<boolean> {
    const { clock, beginTimeoutMs } = this.#parts;
    const timer = new AbortController();
    const turn = before.then(() => true);
    const late = clock.sleep(beginTimeoutMs, timer.signal).then(() => false);
    const isReached = await Promise.race([turn, late]);
    timer.abort();
    return isReached;
  }

  async #begin(endsAtMs: number): Promise<Begun> {
    const { begin, isBusy, clock, random } = this.#parts;
    for (let attempts = 1;; attempts++) {
      try {
        return await begin();
      } catch (thrown) {
        if (!isBusy(thrown) || clock.monotonicMs() >= endsAtMs) throw thrown;
      }
      const fraction = random.fraction();
      await clock.sleep(
        fullJitter({
          attempts,
          baseMs: LOCK_BASE_MS,
          capMs: LOCK_CAP_MS,
          random: fraction,
        }),
      );
    }
  }
}
