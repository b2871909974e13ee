/**
 * Ordering keys.
 *
 * @module
 */

import { checkedText } from "./text.ts";

/**
 * Returns the key when it is 1 to 65,535 bytes of UTF-8, or `null`, which
 * promises no order. `undefined` and the empty string are refused: both come
 * from a field that is not there, and would silently give up the order or put
 * strangers into one lane.
 *
 * @throws {InputError} `INVALID_KEY`.
 */
export function checkedKey(
  { action, value }: { readonly action: string; readonly value: unknown },
): string | null {
  if (value === null) return null;
  return checkedText({ action, code: "INVALID_KEY", field: "key", value });
}
