/**
 * Correlation data: what an answer must carry, for whoever asked to know to
 * which question it belongs (MQTT 5 §3.3.2.3.6, §4.10).
 *
 * @module
 */

import { InputError } from "../errors.ts";
import { isBytes, kindOf } from "./kind.ts";

/** The most bytes that MQTT carries as binary data (MQTT 5 §1.5.6). */
export const MAX_CORRELATION_BYTES = 65_535;

/**
 * Returns the bytes, which the caller may change afterwards, or `null` when
 * none are given.
 *
 * @throws {InputError} `INVALID_CORRELATION_DATA` for anything but a Uint8Array
 * of at most 65,535 bytes.
 */
export function checkedCorrelationData(
  { action, value }: { readonly action: string; readonly value: unknown },
): Uint8Array | null {
  if (value === undefined || value === null) return null;
  if (isBytes(value) && value.length <= MAX_CORRELATION_BYTES) {
    return new Uint8Array(value);
  }
  throw new InputError("INVALID_CORRELATION_DATA", {
    action,
    field: "correlationData",
    required: `a Uint8Array of at most ${MAX_CORRELATION_BYTES} bytes`,
    found: isBytes(value) ? `${value.length} bytes` : kindOf(value),
  });
}
