/**
 * The one rule for text that goes on the wire as an MQTT string or a
 * CloudEvents attribute. A broker closes the connection over a string that
 * breaks it, and the message would do so again after every reconnect.
 *
 * @module
 */

import { type ErrorCode, InputError } from "../errors.ts";
import { kindOf } from "./kind.ts";

/** The most bytes of UTF-8 that an MQTT string holds (MQTT 5 §1.5.4). */
export const MAX_TEXT_BYTES = 65_535;

/**
 * Control characters, lone surrogates and non-characters: MQTT 5 §1.5.4 and
 * CloudEvents 1.0 §3.1, type String.
 */
const FORBIDDEN = /[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u;

/** A text and the rule it must keep. */
export interface TextRequest {
  /** What is being done, as a verb phrase: `enqueue meter.read`. */
  readonly action: string;
  /** The code of the error. */
  readonly code: ErrorCode;
  /** The name of the field. */
  readonly field: string;
  /** What should be a text. */
  readonly value: unknown;
  /**
   * The least bytes of UTF-8.
   *
   * @default {1}
   */
  readonly minBytes?: number;
  /**
   * The most bytes of UTF-8.
   *
   * @default {65_535}
   */
  readonly maxBytes?: number;
}

/**
 * Returns the text when it fits the wire. The error shows lengths and code
 * points only, so it carries neither data nor control characters.
 *
 * @throws {InputError} with the given code.
 */
export function checkedText(request: TextRequest): string {
  const { action, code, field, value } = request;
  const { minBytes = 1, maxBytes = MAX_TEXT_BYTES } = request;
  const refusal = (required: string, found: string): InputError =>
    new InputError(code, { action, field, required, found });

  if (typeof value !== "string") throw refusal("a string", kindOf(value));
  if (value.length < minBytes || exceeds(value, maxBytes)) {
    throw refusal(
      `${minBytes} to ${maxBytes} bytes of UTF-8`,
      `${utf8Bytes(value)} bytes`,
    );
  }
  const fault = FORBIDDEN.exec(value);
  if (fault !== null) {
    throw refusal(
      "free of control characters, lone surrogates and non-characters",
      `${codePointName(fault[0])} at index ${fault.index}`,
    );
  }
  return value;
}

/** Most texts are so short that their bytes need not be counted. */
function exceeds(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return false;
  return text.length > maxBytes || utf8Bytes(text) > maxBytes;
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length;
}

/** Names a character that cannot be shown: `U+0000`. */
export function codePointName(character: string): string {
  const hex = character.codePointAt(0)!.toString(16).toUpperCase();
  return `U+${hex.padStart(4, "0")}`;
}
