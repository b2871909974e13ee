/**
 * UTF-8 encoded strings, as MQTT carries them (MQTT 5 §1.5.4).
 *
 * @module
 */

/** The longest string, in bytes. */
const MAX_BYTES = 65_535;

/**
 * What ends a connection, or may: surrogates and U+0000 make a packet
 * malformed, control characters and non-characters may be taken to.
 */
const UNFIT = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

const encoder = new TextEncoder();

/** Says what keeps a value from being such a string: `has over 65535 bytes`. */
export function stringFault(value: unknown): string | null {
  if (typeof value !== "string") return "is not a text";
  if (utf8Bytes(value) > MAX_BYTES) return `has over ${MAX_BYTES} bytes`;
  return UNFIT.test(value)
    ? "has a character that is unfit for the wire"
    : null;
}

/** The length of a text in UTF-8. */
export function utf8Bytes(text: string): number {
  return isAscii(text) ? text.length : encoder.encode(text).length;
}

/** Most texts on the wire are, and need no encoder. */
export function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) >= 0x80) return false;
  }
  return true;
}
