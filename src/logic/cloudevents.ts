/**
 * Messages as CloudEvents 1.0 over MQTT (MQTT Protocol Binding 1.0.2): the
 * binary mode for MQTT 5, the structured mode for MQTT 3.1.1.
 *
 * | message | attribute |
 * | --- | --- |
 * | `id` | `id` |
 * | `event` | `type` |
 * | `enqueuedAtMs` | `time`; left out when no RFC 3339 time expresses it |
 * | `key` | `partitionkey`; left out without a key |
 * | `seq` | `sequence`, 20 digits, so that texts sort as numbers do |
 * | `contentType` | `datacontenttype`; on MQTT 5 the Content Type property |
 * | `headers` | one extension attribute each, under their own names |
 *
 * `source` names the producer. The pair `source` + `id` stays the same over
 * every redelivery: it is what consumers deduplicate by.
 *
 * @module
 */

import type { Message } from "../message.ts";
import { rfc3339 } from "./rfc3339.ts";

/** An event in binary mode: the payload as it is, attributes beside it. */
export interface BinaryEvent {
  /** The payload, byte for byte. */
  readonly payload: Uint8Array;
  /** The Content Type property. */
  readonly contentType: string;
  /** The user properties: every attribute but `datacontenttype` (§3.1.3.1). */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Encodes a message in binary mode (MQTT binding §3.1). */
export function toBinary(message: Message, source: string): BinaryEvent {
  return {
    payload: message.payload,
    contentType: message.contentType,
    attributes: attributesOf(message, source),
  };
}

/**
 * Encodes a message in structured mode, in the JSON format (MQTT binding §3.2,
 * JSON format §3). JSON payloads become `data` as they are written, number for
 * number; whatever else, and what only claims to be JSON, becomes
 * `data_base64`. An empty payload has no data member.
 */
export function toStructured(message: Message, source: string): Uint8Array {
  const attributes = JSON.stringify({
    ...attributesOf(message, source),
    datacontenttype: message.contentType,
  });
  const data = dataMember(message);
  const envelope = data === null
    ? attributes
    : `${attributes.slice(0, -1)},${data}}`;
  return new TextEncoder().encode(envelope);
}

/** Whether a media type says JSON: a subtype of `json` or `+json` (JSON format §3.1.1). */
export function isJson(mediaType: string): boolean {
  return /^[^;]*[/+]json[ \t]*(?:;|$)/i.test(mediaType);
}

function attributesOf(
  message: Message,
  source: string,
): Record<string, string> {
  const { id, event, key, seq, headers, enqueuedAtMs } = message;
  const time = rfc3339(enqueuedAtMs);
  return {
    // First, so that no header takes the place of an attribute.
    ...headers,
    specversion: "1.0",
    id,
    source,
    type: event,
    ...(time === null ? {} : { time }),
    ...(key === null ? {} : { partitionkey: key }),
    sequence: String(seq).padStart(20, "0"),
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
