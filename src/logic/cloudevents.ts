/**
 * Messages as CloudEvents 1.0 over MQTT (MQTT Protocol Binding 1.0.2), in both
 * modes.
 *
 * | message | attribute |
 * | --- | --- |
 * | `id` | `id` |
 * | `event` | `type` |
 * | `enqueuedAtMs` | `time`; left out when no RFC 3339 time expresses it |
 * | `ttlMs` | `expirytime`, the time of the enqueue and this much; left out as `time` is |
 * | `key` | `partitionkey`; left out without a key |
 * | `seq` | `sequence`, 20 digits, so that texts sort as numbers do |
 * | `position` | `position`, decimal digits; left out without a position |
 * | `contentType` | `datacontenttype`; in binary mode the Content Type property |
 * | `headers` | one extension attribute each, under their own names |
 *
 * `source` names the producer. The pair `source` + `id` stays the same over
 * every redelivery: it is what consumers deduplicate by.
 *
 * @module
 */

import type { SyncCodec } from "../codec.ts";
import type { Message } from "../message.ts";
import { readOptions } from "./options.ts";
import { rfc3339 } from "./rfc3339.ts";
import { checkedText } from "./text.ts";

/** What every event of a producer has in common. */
export interface CloudEventsOptions {
  /**
   * The `source` of every event: a URI reference that names the producer.
   *
   * @default {"/mailboat"}
   */
  readonly source?: string;
}

/**
 * CloudEvents in binary mode (MQTT binding §3.1): the payload as it is, with
 * every attribute but `datacontenttype` as a user property (§3.1.3.1). For
 * MQTT 5 only: without properties a payload is left that is no event.
 *
 * @throws {InputError} `INVALID_OPTION` for a source that is no text.
 *
 * @example
 * ```ts
 * const codec = cloudEventsBinary({ source: "/plants/7" });
 * ```
 */
export function cloudEventsBinary(
  options: CloudEventsOptions = {},
): SyncCodec {
  const source = checkedSource(options);
  return {
    encode: (message) => ({
      payload: message.payload,
      contentType: message.contentType,
      userProperties: Object.entries(attributesOf(message, source)),
    }),
  };
}

/**
 * CloudEvents in structured mode, in the JSON format (MQTT binding §3.2, JSON
 * format §3). JSON payloads become `data` as they are written, number for
 * number; whatever else, and what only claims to be JSON, becomes
 * `data_base64`. An empty payload has no data member.
 *
 * @throws {InputError} `INVALID_OPTION` for a source that is no text.
 *
 * @example
 * ```ts
 * const codec = cloudEventsStructured({ source: "/plants/7" });
 * ```
 */
export function cloudEventsStructured(
  options: CloudEventsOptions = {},
): SyncCodec {
  const source = checkedSource(options);
  return {
    encode: (message) => ({
      payload: new TextEncoder().encode(envelopeOf(message, source)),
      contentType: "application/cloudevents+json; charset=utf-8",
      userProperties: [],
    }),
  };
}

/** Whether a media type says JSON: a subtype of `json` or `+json` (JSON format §3.1.1). */
export function isJson(mediaType: string): boolean {
  return /^[^;]*[/+]json[ \t]*(?:;|$)/i.test(mediaType);
}

function checkedSource(options: CloudEventsOptions): string {
  const action = "create a CloudEvents codec";
  const code = "INVALID_OPTION";
  return readOptions(
    { action, options },
    ({ source = "/mailboat" }) =>
      checkedText({ action, code, field: "source", value: source }),
  );
}

function envelopeOf(message: Message, source: string): string {
  const attributes = JSON.stringify({
    ...attributesOf(message, source),
    datacontenttype: message.contentType,
  });
  const data = dataMember(message);
  return data === null ? attributes : `${attributes.slice(0, -1)},${data}}`;
}

function attributesOf(
  message: Message,
  source: string,
): Record<string, string> {
  const { id, event, key, seq, position, headers } = message;
  const { enqueuedAtMs, ttlMs } = message;
  const time = rfc3339(enqueuedAtMs);
  const expiry = ttlMs === null ? null : rfc3339(enqueuedAtMs + ttlMs);
  return {
    // First, so that no header takes the place of an attribute.
    ...headers,
    specversion: "1.0",
    id,
    source,
    type: event,
    ...(time === null ? {} : { time }),
    ...(expiry === null ? {} : { expirytime: expiry }),
    ...(key === null ? {} : { partitionkey: key }),
    sequence: String(seq).padStart(20, "0"),
    ...(position === null ? {} : { position: String(position) }),
  };
}

function dataMember({ payload, contentType }: Message): string | null {
  if (payload.length === 0) return null;
  const json = isJson(contentType) ? jsonTextOf(payload) : null;
  return json === null
    ? `"data_base64":"${base64(payload)}"`
    : `"data":${json}`;
}

/** The payload as text when it is one JSON value in UTF-8. */
function jsonTextOf(payload: Uint8Array): string | null {
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(payload);
    JSON.parse(text);
    return text;
  } catch {
    return null;
  }
}

/** As many bytes as fit the arguments of one call, and whole groups of three. */
const CHUNK_BYTES = 0x6000;

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) {
    text += btoa(
      String.fromCharCode(...bytes.subarray(at, at + CHUNK_BYTES)),
    );
  }
  return text;
}
