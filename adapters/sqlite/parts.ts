/**
 * Parts of many messages, for platforms whose values are small: all payloads
 * of one insert are one value.
 *
 * @module
 */

import { InputError, type NewMessage } from "../../mod.ts";
import { messageCellsOf } from "./message_row.ts";

/** The most bytes of a value, and of a row, on Cloudflare's platform. */
export const WORKERS_VALUE_BYTES = 2_000_000;

/** More than the JSON around a message has. */
const FRAME_BYTES = 64;

/**
 * Parts in order, each of which fits into the values of one insert, and can be
 * read back.
 *
 * @throws {InputError} `PAYLOAD_TOO_LARGE` for a message that no row can hold.
 */
export function partsOf(
  action: string,
  messages: readonly NewMessage[],
  maxBytes: number,
): readonly (readonly NewMessage[])[] {
  const parts: NewMessage[][] = [];
  let room = 0;
  for (const message of messages) {
    const bytes = bytesOf(message);
    if (bytes > maxBytes) throw tooLarge(action, bytes, maxBytes);
    if (bytes > room) {
      parts.push([]);
      room = maxBytes;
    }
    parts.at(-1)?.push(message);
    room -= bytes;
  }
  return parts;
}

const utf8 = /* @__PURE__ */ new TextEncoder();

/** It leaves the database as JSON, and its payload beside that. */
function bytesOf(message: NewMessage): number {
  const cells = JSON.stringify(messageCellsOf(message));
  return utf8.encode(cells).byteLength + message.payload.byteLength +
    FRAME_BYTES;
}

function tooLarge(action: string, bytes: number, maxBytes: number): InputError {
  return new InputError("PAYLOAD_TOO_LARGE", {
    action,
    field: "message",
    required: `of at most ${maxBytes} bytes, payload and headers together`,
    found: `${bytes} bytes`,
  });
}
