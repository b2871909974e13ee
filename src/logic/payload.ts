/**
 * The payload: the schema's output as bytes.
 *
 * @module
 */

import { InputError } from "../errors.ts";
import { jsonText } from "./json.ts";
import { isBytes } from "./kind.ts";

/** The default limit, in bytes. */
export const DEFAULT_MAX_PAYLOAD_BYTES = 262_144;

/** The most that fits into one MQTT packet (MQTT 5 §1.5.5). */
export const MAX_MAX_PAYLOAD_BYTES = 268_435_455;

/** An output to encode. */
export interface PayloadRequest {
  /** What is being done, as a verb phrase. */
  readonly action: string;
  /** The schema's output. */
  readonly output: unknown;
  /** The limit, in bytes. */
  readonly maxBytes: number;
}

/** Bytes with their natural media type. */
export interface Payload {
  /** The bytes; the caller may change its own afterwards. */
  readonly payload: Uint8Array;
  /** `application/octet-stream` for bytes, `application/json` for all else. */
  readonly contentType: string;
}

/**
 * Takes a Uint8Array as it is and writes everything else as JSON.
 *
 * @throws {InputError} `INVALID_PAYLOAD`, or `PAYLOAD_TOO_LARGE` with both sizes.
 */
export function encodePayload(request: PayloadRequest): Payload {
  const { action, output, maxBytes } = request;
  if (isBytes(output)) {
    if (output.length > maxBytes) {
      throw tooLarge(request, `${output.length} bytes`);
    }
    const contentType = "application/octet-stream";
    return { payload: new Uint8Array(output), contentType };
  }
  // Beyond the limit the writer goes on for a while, so that the error can
  // tell the size; shared references could make it go on for ever.
  const maxChars = Math.min(4 * maxBytes, MAX_MAX_PAYLOAD_BYTES + 1);
  const overflow = () => tooLarge(request, `over ${maxChars} bytes`);
  const text = jsonText({ action, value: output, maxChars, overflow });
  const payload = new TextEncoder().encode(text);
  if (payload.length > maxBytes) {
    throw tooLarge(request, `${payload.length} bytes`);
  }
  return { payload, contentType: "application/json" };
}

function tooLarge(request: PayloadRequest, found: string): InputError {
  return new InputError("PAYLOAD_TOO_LARGE", {
    action: request.action,
    field: "payload",
    required: `at most ${request.maxBytes} bytes`,
    found,
  });
}
