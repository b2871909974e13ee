/**
 * Bytes as hexadecimal digits.
 *
 * @module
 */

/** To look up two digits takes a fraction of the time that writing a number does. */
const PAIRS = /* @__PURE__ */ Array.from(
  { length: 256 },
  (_, byte) => byte.toString(16).padStart(2, "0"),
);

/** Two digits for each byte. */
export function hexOf(bytes: Uint8Array): string {
  let digits = "";
  for (const byte of bytes) digits += PAIRS[byte];
  return digits;
}
