/**
 * A codec whose payloads are compressed, before another codec encodes them.
 *
 * @module
 */

import type { Codec, EncodedMessage } from "./codec.ts";
import { gzip, isCompressionAvailable } from "./compression.ts";
import { InputError } from "./errors.ts";
import { checkedNumber, readOptions, requireMethods } from "./logic/options.ts";
import { MAX_MAX_PAYLOAD_BYTES } from "./logic/payload.ts";
import type { Message } from "./message.ts";

/** What is worth compressing. */
export interface CompressionOptions {
  /**
   * Payloads of more bytes than this are compressed. From 0 to 268,435,455.
   *
   * @default {1_024}
   */
  readonly overBytes?: number;
}

const action = "create a compressing codec";

/**
 * Compresses payloads with gzip and declares it by the attribute
 * `contentencoding`, a header to the codec that encodes them. A payload stays
 * as it is when that saves nothing.
 *
 * @throws {InputError} `INVALID_OPTION`, also where the platform has no
 * `CompressionStream`.
 *
 * @example
 * ```ts
 * const codec = compressingCodec(cloudEventsBinary(), { overBytes: 4_096 });
 * ```
 */
export function compressingCodec(
  codec: Codec,
  options: CompressionOptions = {},
): Codec {
  const required = "a codec";
  const methods = ["encode"];
  requireMethods({ action, option: "codec", value: codec, required, methods });
  const overBytes = readOptions({ action, options }, (given) =>
    checkedNumber({
      action,
      option: "overBytes",
      value: given.overBytes,
      default: 1_024,
      min: 0,
      max: MAX_MAX_PAYLOAD_BYTES,
    }));
  if (!isCompressionAvailable()) {
    throw new InputError("INVALID_OPTION", {
      action,
      field: "compression",
      required: "available: a platform with CompressionStream",
      found: "a platform without",
    });
  }
  return {
    encode: (message) =>
      message.payload.length > overBytes
        ? compressed(message, codec)
        : codec.encode(message),
  };
}

async function compressed(
  message: Message,
  codec: Codec,
): Promise<EncodedMessage> {
  const payload = await gzip(message.payload);
  if (!isWorthwhile(payload.length, message.payload.length)) {
    return codec.encode(message);
  }
  const headers = { ...message.headers, contentencoding: "gzip" };
  return codec.encode({ ...message, payload, headers });
}

/** The attribute, and what else it may take to say so. */
const DECLARATION_BYTES = 64;

/**
 * JSON in structured mode is text while it is plain, and base64 once it is
 * compressed: whoever wins there, wins everywhere.
 */
function isWorthwhile(compressed: number, plain: number): boolean {
  return compressed / 3 * 4 + DECLARATION_BYTES < plain;
}
