/**
 * Retention: which records an inbox removes, a few at a time.
 *
 * @module
 */

import type { Expiry } from "../inbox_storage.ts";

/** How many records are kept, and for how long. */
export interface Retention {
  /** How long a record is kept, in ms. */
  readonly keepMs: number;
  /** How many records are kept at most. */
  readonly keepRows: number;
  /** How many of the newest are kept whatever the clock says. */
  readonly keepMinRows: number;
  /** How many keys are kept at most. */
  readonly keepLanes: number;
}

/** Every so many records, the oldest are looked at: most commits remove none. */
export const EXPIRE_EVERY = 32;
/** How many are looked at: twice what came, so that a surplus melts away. */
export const EXPIRE_ROWS = 64;
/** A new key makes room for itself, and for one more. */
const FORGET_LANES = 2;

/**
 * What goes together with a new record. A clock that jumps makes every record
 * old at once: the newest `keepMinRows` stay nevertheless, and the others go
 * as slowly as they came.
 */
export function expiryOf(
  { keepMs, keepRows, keepMinRows }: Retention,
  { number, nowMs }: { readonly number: number; readonly nowMs: number },
): Expiry | null {
  if (number % EXPIRE_EVERY !== 0) return null;
  return {
    upTo: number - keepRows,
    oldUpTo: number - keepMinRows,
    beforeMs: nowMs - keepMs,
    limit: EXPIRE_ROWS,
  };
}

/** Which keys go together with a new key. */
export function forgottenLanes(
  { keepLanes }: Retention,
  number: number,
): { readonly upTo: number; readonly limit: number } | null {
  const upTo = number - keepLanes;
  return upTo > 0 ? { upTo, limit: FORGET_LANES } : null;
}
