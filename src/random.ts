/**
 * Dice, as an argument. The core draws from nowhere else.
 *
 * @module
 */

/** The port through which the core draws random numbers. */
export interface Random {
  /** A number in [0, 1), for jitter. */
  fraction(): number;
  /** `count` unpredictable bytes, for ids. */
  bytes(count: number): Uint8Array;
}

/** The dice of the machine: `Math.random` for jitter, `crypto` for ids. */
export function systemRandom(): Random {
  return {
    fraction: () => Math.random(),
    bytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  };
}
