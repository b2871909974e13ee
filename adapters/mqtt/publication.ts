/**
 * What a codec made of a message, as the packet that carries it.
 *
 * @module
 */

import type { EncodedMessage, Message, SendTerms } from "../../mod.ts";
import type { Publication } from "./publish_packet.ts";

/** A message with its content. */
export interface PublicationRequest {
  readonly message: Message;
  /** The content, from any codec: checked here. */
  readonly encoded: EncodedMessage;
  readonly terms: SendTerms;
  readonly protocol: 5 | 4;
}

/**
 * Joins a message and its content; 3.1.1 has a payload and no properties.
 *
 * @throws {TypeError} for content that a codec must not return.
 */
export function publicationOf(
  { message, encoded, terms, protocol }: PublicationRequest,
): Publication {
  const { topic, qos, retain, responseTopic, correlationData } = message;
  const { payload, contentType, userProperties } = checked(encoded);
  const properties = protocol === 4 ? null : {
    expiryS: expirySecondsOf(terms),
    contentType,
    responseTopic,
    correlationData,
    userProperties,
  };
  return { topic, qos, retain, payload, properties };
}

/** The longest interval that four bytes express. */
const MAX_EXPIRY_S = 2 ** 32 - 1;

/** Whole seconds, rounded up: of no use before it expires, it is sent in vain (§3.3.2.3.3). */
function expirySecondsOf({ remainingMs }: SendTerms): number | null {
  if (remainingMs === undefined) return null;
  return Math.min(MAX_EXPIRY_S, Math.max(1, Math.ceil(remainingMs / 1_000)));
}

function checked(encoded: EncodedMessage): EncodedMessage {
  const { payload, contentType, userProperties } = encoded;
  if (!(payload instanceof Uint8Array)) throw refusal("payload", "bytes");
  if (contentType !== null && typeof contentType !== "string") {
    throw refusal("contentType", "a text or null");
  }
  const isPairs = Array.isArray(userProperties) && userProperties.every(isPair);
  if (!isPairs) throw refusal("userProperties", "pairs of texts");
  return { payload, contentType, userProperties };
}

function isPair(value: unknown): boolean {
  return Array.isArray(value) && value.length === 2 &&
    value.every((text) => typeof text === "string");
}

function refusal(field: string, required: string): TypeError {
  return new TypeError(`The codec's ${field} must be ${required}`);
}
