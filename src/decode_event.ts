/**
 * The consumer's way in: from what MQTT delivers to an event.
 *
 * @module
 */

import { gunzip } from "./compression.ts";
import { shorten } from "./errors.ts";
import { readEvent } from "./logic/content_mode.ts";
import { checkedNumber, readOptions } from "./logic/options.ts";
import {
  type DecodedEvent,
  malformed,
  type ReceivedEvent,
  type ReceivedPacket,
} from "./logic/received_event.ts";

const MAX_DECOMPRESSED_BYTES = 16_777_216;

/** What a consumer puts up with. */
export interface DecodeOptions {
  /**
   * How many bytes compressed data may become; beyond, the event is malformed.
   *
   * @default {16_777_216}
   */
  readonly maxDecompressedBytes?: number;
}

/**
 * Decodes a CloudEvent in binary or structured mode, from MQTT 5 or 3.1.1, and
 * undoes its compression. What is no event becomes a value with the reason, as
 * a topic carries whatever anybody publishes.
 *
 * @param message The payload, and on MQTT 5 the properties, of a PUBLISH.
 * @throws {InputError} `INVALID_OPTION`, for the options only.
 *
 * @example
 * ```ts
 * const decoded = await decodeEvent({
 *   payload: new TextEncoder().encode('{"kwh":42}'),
 *   properties: {
 *     contentType: "application/json",
 *     userProperties: {
 *       specversion: "1.0",
 *       id: "0198c2f6-5b1a-7c3d-9a41-0f6d2f3b7e10",
 *       source: "/mailboat",
 *       type: "meter.read",
 *     },
 *   },
 * });
 * ```
 */
export async function decodeEvent(
  message: ReceivedPacket,
  options: DecodeOptions = {},
): Promise<DecodedEvent> {
  const action = "decode an event";
  const maxBytes = readOptions({ action, options }, (given) =>
    checkedNumber({
      action,
      option: "maxDecompressedBytes",
      value: given.maxDecompressedBytes,
      default: MAX_DECOMPRESSED_BYTES,
      min: 0,
    }));
  return await uncompressed(readEvent(message), maxBytes);
}

/** Undoes the compression of what was read; never rejects. */
export async function uncompressed(
  decoded: DecodedEvent,
  maxBytes: number = MAX_DECOMPRESSED_BYTES,
): Promise<DecodedEvent> {
  if (decoded.kind === "malformed") return decoded;
  const { contentencoding } = decoded.event.headers;
  if (contentencoding === undefined) return decoded;
  return contentencoding === "gzip"
    ? await decompressed(decoded.event, maxBytes)
    : malformed(`The encoding ${shorten(contentencoding)} is not known`);
}

async function decompressed(
  event: ReceivedEvent,
  maxBytes: number,
): Promise<DecodedEvent> {
  let data: Uint8Array | null;
  try {
    data = await gunzip({ bytes: event.data, maxBytes });
  } catch {
    return malformed("The data is not gzip, as its contentencoding says");
  }
  if (data === null) {
    return malformed(`The data has over ${maxBytes} bytes when decompressed`);
  }
  const { contentencoding: _undone, ...others } = event.headers;
  const headers = Object.assign(Object.create(null), others);
  return { kind: "event", event: { ...event, data, headers } };
}
