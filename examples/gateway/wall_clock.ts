/**
 * The time of day, finer than a millisecond.
 *
 * @module
 */

/** The time of day in ms since the epoch, the same in every process of this machine. */
export function wallClockMs(): number {
  return performance.timeOrigin + performance.now();
}
