/**
 * The message as an inbox sees it: who sent it, which one it is, and its place.
 *
 * @module
 */

import { InputError, MailboatError } from "./errors.ts";
import { kindOf } from "./logic/kind.ts";
import { checkedText, MAX_TEXT_BYTES } from "./logic/text.ts";

/** A message that may be accepted. A {@link ReceivedEvent} is one. */
export interface InboxMessage {
  /** The producer: 1 to 1,024 bytes of UTF-8. */
  readonly source: string;
  /** Unique together with `source`: 1 to 1,024 bytes of UTF-8. */
  readonly id: string;
  /** The ordering key, at most 65,535 bytes; without one, no order is watched. */
  readonly key?: string | null | undefined;
  /** Its position in the producer's commit order. */
  readonly seq?: number | null | undefined;
  /** Its position within its key, from 1 on. */
  readonly position?: number | null | undefined;
}

/** A message that was checked; what was not told is `null`. */
export interface CheckedMessage {
  /** The producer. */
  readonly source: string;
  /** Unique together with `source`. */
  readonly id: string;
  /** The ordering key. */
  readonly key: string | null;
  /** Its position in the producer's commit order. */
  readonly seq: number | null;
  /** Its position within its key. */
  readonly position: number | null;
}

/** The most bytes of an id and of a source: they are kept in an index. */
export const MAX_NAME_BYTES = 1_024;

const action = "accept a message";
const code = "INVALID_MESSAGE";

/**
 * Checks what an inbox reads of a message.
 *
 * @throws {InputError} `INVALID_MESSAGE`.
 */
export function checkedMessage(message: InboxMessage): CheckedMessage {
  if (typeof message !== "object" || message === null) {
    throw unreadable(message);
  }
  try {
    return {
      source: textOf("source", message.source, MAX_NAME_BYTES),
      id: textOf("id", message.id, MAX_NAME_BYTES),
      key: keyOf(message.key),
      seq: placeOf("seq", message.seq, 0),
      position: placeOf("position", message.position, 1),
    };
  } catch (thrown) {
    if (thrown instanceof MailboatError) throw thrown;
    throw unreadable(message, thrown);
  }
}

function unreadable(message: unknown, cause?: unknown): InputError {
  return new InputError(code, {
    action,
    field: "message",
    required: "an object with source and id",
    found: kindOf(message),
    cause,
  });
}

function textOf(field: string, value: unknown, maxBytes: number): string {
  return checkedText({ action, code, field, value, maxBytes });
}

/** Another producer's key may be empty; it names a lane like any other. */
function keyOf(value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const request = { action, code, field: "key", value } as const;
  return checkedText({ ...request, minBytes: 0, maxBytes: MAX_TEXT_BYTES });
}

function placeOf(field: string, value: unknown, min: number): number | null {
  if (value === undefined || value === null) return null;
  if (typeof value === "number" && Number.isSafeInteger(value)) {
    if (value >= min) return value;
  }
  throw new InputError(code, {
    action,
    field,
    required: `an integer of at least ${min}, or null`,
    found: typeof value === "number" ? String(value) : kindOf(value),
  });
}
