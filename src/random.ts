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

/** To ask the machine costs more than to make an id: this is for a hundred. */
const DRAWN_BYTES = 1_024;

/** The dice of the machine: `Math.random` for jitter, `crypto` for ids. */
export function systemRandom(): Random {
  let drawn = new Uint8Array();
  let used = 0;
  return {
    fraction: () => Math.random(),
    bytes: (count) => {
      if (drawn.byteLength - used < count) {
        drawn = new Uint8Array(Math.max(count, DRAWN_BYTES));
        crypto.getRandomValues(drawn);
        used = 0;
      }
      return drawn.slice(used, used += count);
    },
  };
}
