/**
 * The content modes of an event over MQTT, told apart (MQTT binding §3).
 *
 * @module
 */

import { shorten } from "../errors.ts";
import {
  type DecodedEvent,
  fromBinary,
  fromStructured,
  malformed,
  type ReceivedPacket,
} from "./received_event.ts";

/**
 * Reads an event in whichever mode it is.
 *
 * - Structured, when the Content Type begins with `application/cloudevents`.
 * - Structured too without Content Type and attributes: so it arrives from
 *   MQTT 3.1.1, which has no properties.
 * - Binary, otherwise.
 */
export function readEvent(message: ReceivedPacket): DecodedEvent {
  try {
    const { payload, properties } = message;
    const { contentType, userProperties } = properties ?? {};
    if (contentType && /^application\/cloudevents/i.test(contentType)) {
      return fromFormat(message, contentType);
    }
    const hasAttributes = Object.hasOwn(userProperties ?? {}, "specversion");
    return contentType || hasAttributes
      ? fromBinary({ payload, properties })
      : fromStructured(payload, properties);
  } catch {
    return malformed("The message cannot be read");
  }
}

function fromFormat(
  { payload, properties }: ReceivedPacket,
  contentType: string,
): DecodedEvent {
  const [mediaType = ""] = contentType.toLowerCase().split(/[ \t]*;/, 1);
  if (mediaType === "application/cloudevents+json") {
    return fromStructured(payload, properties);
  }
  return malformed(
    mediaType.startsWith("application/cloudevents-batch")
      ? "It is a batch of events, which MQTT does not carry"
      : `The event format ${shorten(mediaType)} is not known`,
  );
}
