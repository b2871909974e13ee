/**
 * CloudEvents 1.0 as a consumer receives them over MQTT: the counterpart of
 * the encoder, for both modes. What is no event becomes a value, not an
 * exception: a topic carries whatever anybody publishes.
 *
 * @module
 */

import { isJson } from "./cloudevents.ts";

/** An event as it arrived. */
export interface ReceivedEvent {
  /** Unique together with `source`; deduplicate by it. */
  readonly id: string;
  /** The producer. */
  readonly source: string;
  /** The name of the event definition. */
  readonly type: string;
  /** When it was enqueued, in RFC 3339; `null` when not told. */
  readonly time: string | null;
  /** When it expires, in RFC 3339; `null` when never, or not told. */
  readonly expiryTime: string | null;
  /** The ordering key; `null` when it has none. */
  readonly key: string | null;
  /** Its position in commit order; `null` when not told. */
  readonly seq: number | null;
  /**
   * Which of the counted messages of its key it is, from 1; `null` when not
   * told. 1 says nothing of what came before: the producer may have forgotten.
   */
  readonly position: number | null;
  /**
   * The payload. In structured mode, JSON is written anew: the same value,
   * not necessarily the same bytes.
   */
  readonly data: Uint8Array;
  /** The media type of the payload; `null` when not told. */
  readonly contentType: string | null;
  /** Where the producer expects an answer (MQTT 5 only); `null` when not told. */
  readonly responseTopic: string | null;
  /** What an answer must carry (MQTT 5 only); `null` when not told. */
  readonly correlationData: Uint8Array | null;
  /** Every further attribute. */
  readonly headers: Readonly<Record<string, string>>;
}

/** An event, or why it is none. */
export type DecodedEvent =
  | { readonly kind: "event"; readonly event: ReceivedEvent }
  | { readonly kind: "malformed"; readonly reason: string };

/** The properties of an MQTT 5 PUBLISH that carry an event. */
export interface EventProperties {
  /** The Content Type property. */
  readonly contentType?: string | undefined;
  /** The Response Topic property. */
  readonly responseTopic?: string | undefined;
  /** The Correlation Data property. */
  readonly correlationData?: Uint8Array | undefined;
  /** The user properties; of a repeated name the first value counts. */
  readonly userProperties?:
    | Readonly<Record<string, string | readonly string[]>>
    | undefined;
}

/** What arrived: a PUBLISH. */
export interface ReceivedPacket {
  /** The bytes. */
  readonly payload: Uint8Array;
  /** Absent on MQTT 3.1.1. */
  readonly properties?: EventProperties | undefined;
}

/** Reads an event in binary mode (MQTT binding §3.1). */
export function fromBinary(message: ReceivedPacket): DecodedEvent {
  try {
    const { payload: data, properties } = message;
    if (!(data instanceof Uint8Array)) {
      return malformed("The payload is not bytes");
    }
    const attributes = attributesOf(properties?.userProperties);
    // A producer may say it in both places; the property decides.
    const contentType = properties?.contentType ??
      attributes.get("datacontenttype") ?? null;
    return typeof contentType === "string" || contentType === null
      ? eventOf({ attributes, contentType, data, ...askedOf(properties) })
      : malformed("The content type is not text");
  } catch {
    return malformed("The message cannot be read");
  }
}

type Asked = Pick<ReceivedEvent, "responseTopic" | "correlationData">;

/** What the properties say about an answer. */
function askedOf(properties: EventProperties | undefined): Asked {
  const responseTopic: unknown = properties?.responseTopic;
  const correlationData: unknown = properties?.correlationData;
  return {
    responseTopic: typeof responseTopic === "string" ? responseTopic : null,
    correlationData: correlationData instanceof Uint8Array
      ? correlationData
      : null,
  };
}

/** Of a name that is given twice, the first value; what is no text, is none. */
function attributesOf(
  userProperties: EventProperties["userProperties"],
): Map<string, string> {
  const attributes = new Map<string, string>();
  for (const [name, value] of Object.entries(userProperties ?? {})) {
    const first: unknown = Array.isArray(value) ? value[0] : value;
    if (typeof first === "string") attributes.set(name, first);
  }
  return attributes;
}

/**
 * Reads an event in structured mode, in the JSON format (MQTT binding §3.2).
 * Data without a content type is JSON (JSON format §3.1.2). Of the properties
 * only those about an answer count.
 */
export function fromStructured(
  payload: Uint8Array,
  properties?: EventProperties,
): DecodedEvent {
  let envelope: unknown;
  try {
    envelope = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(payload),
    );
  } catch {
    return malformed("The payload is not JSON");
  }
  if (typeof envelope !== "object" || envelope === null) {
    return malformed("The payload is not a JSON object");
  }
  const { data, data_base64: encoded, ...members } = envelope as Envelope;
  const attributes = new Map<string, string>();
  for (const [name, value] of Object.entries(members)) {
    if (value === null) continue;
    if (typeof value === "object") {
      return malformed(`The attribute ${name} is not a simple value`);
    }
    attributes.set(name, String(value));
  }
  const contentType = attributes.get("datacontenttype") ??
    (data === undefined ? null : "application/json");
  if (data !== undefined && encoded !== undefined) {
    return malformed("There are both members data and data_base64");
  }
  const bytes = encoded === undefined
    ? bytesOf(data, contentType)
    : decodeBase64(encoded);
  if (bytes !== null) {
    const asked = askedOf(properties);
    return eventOf({ attributes, contentType, data: bytes, ...asked });
  }
  return malformed(
    encoded === undefined
      ? "The data is nested too deep"
      : "The member data_base64 is not base64",
  );
}

type Envelope = Readonly<Record<string, unknown>>;

interface Parts extends Asked {
  readonly attributes: ReadonlyMap<string, string>;
  readonly contentType: string | null;
  readonly data: Uint8Array;
}

const OWN: ReadonlySet<string> = new Set([
  "specversion",
  "id",
  "source",
  "type",
  "time",
  "expirytime",
  "partitionkey",
  "sequence",
  "position",
  "datacontenttype",
]);

function eventOf({ attributes, data, ...rest }: Parts): DecodedEvent {
  const [version, id, source, type] = ["specversion", "id", "source", "type"]
    .map((name) => attributes.get(name));
  if (version !== "1.0") return malformed("The specversion is not 1.0");
  if (!id || !source || !type) {
    return malformed("One of id, source and type is missing");
  }
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of attributes) {
    if (!OWN.has(name)) headers[name] = value;
  }
  const event: ReceivedEvent = {
    id,
    source,
    type,
    time: attributes.get("time") ?? null,
    expiryTime: attributes.get("expirytime") ?? null,
    key: attributes.get("partitionkey") ?? null,
    seq: numberOf(attributes.get("sequence")),
    position: numberOf(attributes.get("position")) || null,
    data,
    ...rest,
    headers,
  };
  return { kind: "event", event };
}

/** An extension is any text; only a whole number tells a place. */
function numberOf(attribute: string | undefined): number | null {
  if (attribute === undefined || !/^\d+$/.test(attribute)) return null;
  const number = Number(attribute);
  return Number.isSafeInteger(number) ? number : null;
}

/** Text that can be parsed may be nested deeper than can be written: `null` then. */
function bytesOf(data: unknown, contentType: string | null): Uint8Array | null {
  if (data === undefined) return new Uint8Array(0);
  const isText = typeof data === "string" && contentType !== null &&
    !isJson(contentType);
  try {
    return new TextEncoder().encode(isText ? data : JSON.stringify(data));
  } catch {
    return null;
  }
}

function decodeBase64(encoded: unknown): Uint8Array | null {
  if (typeof encoded !== "string") return null;
  try {
    return Uint8Array.from(atob(encoded), (byte) => byte.charCodeAt(0));
  } catch {
    return null;
  }
}

/** What is no event. */
export function malformed(reason: string): DecodedEvent {
  return { kind: "malformed", reason };
}
