/**
 * Reason codes in words, for errors and failures.
 *
 * @module
 */

import { reasonOf, type SendFailure } from "../../mod.ts";
import type { Quote } from "./quoting.ts";
import { hexOf, type Reason } from "./reason_codes.ts";

/** What a broker said. */
export interface Said {
  readonly code: number;
  /** What the code means. */
  readonly reason: Reason;
  /** The reason string, or an empty text. */
  readonly text: string;
}

/** Puts it into words: `MQTT_0x97`, `Quota exceeded: 40 per minute`. */
export function failureOf(
  { code, reason: { name, hint }, text }: Said,
  quote: Quote,
): SendFailure {
  const named = hint === undefined ? name : `${name} (${hint})`;
  return {
    code: `MQTT_${hexOf(code)}`,
    reason: reasonOf(text === "" ? named : `${named}: ${quote(text)}`),
  };
}
