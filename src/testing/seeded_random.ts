/**
 * Dice that fall the same way every time: the generator xoshiro128**, started
 * from a seed.
 *
 * @module
 */

import { InputError, type Random, shorten } from "../../mod.ts";

/** A {@link Random} that repeats itself for a seed, with helpers for schedules of faults. */
export interface SeededRandom extends Random {
  /** What it was started from; print it when a test fails. */
  readonly seed: number;
  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number;
  /**
   * One of the values.
   *
   * @throws {InputError} `INVALID_OPTION` when there is none.
   */
  pick<T>(values: readonly T[]): T;
  /** `true` with the given probability, 0 to 1. */
  chance(probability: number): boolean;
}

/**
 * Creates dice from a seed: a whole number, of which the lowest 32 bits count.
 *
 * @throws {InputError} `INVALID_OPTION` when the seed is not a whole number.
 *
 * @example
 * ```ts
 * const random = createSeededRandom(7);
 * random.integer(1, 6) === createSeededRandom(7).integer(1, 6); // true
 * ```
 */
export function createSeededRandom(seed: number): SeededRandom {
  if (!Number.isSafeInteger(seed)) refuse("seed", "a whole number", seed);
  const next = generator(seed);
  const fraction = () => next() / 2 ** 32;
  const integer = (low: number, high: number) =>
    low + Math.floor(fraction() * (high - low + 1));
  return {
    seed,
    fraction,
    bytes: (count) => Uint8Array.from({ length: count }, () => next() >>> 24),
    integer,
    pick<T>(values: readonly T[]): T {
      if (values.length === 0) refuse("values", "not empty", values);
      return values[integer(0, values.length - 1)] as T;
    },
    chance: (probability) => fraction() < probability,
  };
}

/** Returns a function that draws 32 bits. */
function generator(seed: number): () => number {
  let [a, b, c, d] = spread(seed);
  return () => {
    const drawn = Math.imul(rotate(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotate(d, 11);
    return drawn;
  };
}

/** Four words from one, so that neighbouring seeds start far apart. */
function spread(seed: number): [number, number, number, number] {
  let state = seed | 0;
  const word = () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return mixed ^ (mixed >>> 15);
  };
  return [word(), word(), word(), word()];
}

function rotate(word: number, by: number): number {
  return (word << by) | (word >>> (32 - by));
}

function refuse(field: string, required: string, found: unknown): never {
  throw new InputError("INVALID_OPTION", {
    action: "draw a random number",
    field,
    required,
    found: shorten(found),
  });
}
