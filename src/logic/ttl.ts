/**
 * Time to live: for how long after its enqueue a message is of use.
 *
 * @module
 */

import { InputError, shorten } from "../errors.ts";

/** The longest time to live: ten years of 365 days, in ms. */
export const MAX_TTL_MS = 315_360_000_000;

/**
 * Returns the time to live when it is a whole number of milliseconds from 1 to
 * {@link MAX_TTL_MS}, or `null`, which never expires.
 *
 * @throws {InputError} `INVALID_TTL`.
 */
export function checkedTtl(
  { action, value }: { readonly action: string; readonly value: unknown },
): number | null {
  if (value === null || isTtl(value)) return value;
  throw new InputError("INVALID_TTL", {
    action,
    field: "ttlMs",
    required: `an integer from 1 to ${MAX_TTL_MS}, or null`,
    found: shorten(value),
  });
}

function isTtl(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1 &&
    (value as number) <= MAX_TTL_MS;
}
