/**
 * The wire format: a message as a CloudEvent or as its bare payload.
 *
 * @module
 */

import { type Message, toBinary, toStructured } from "../../mod.ts";
import type { Publication } from "./publish_packet.ts";
import type { Settings } from "./settings.ts";

/** Puts a message into the format that the settings ask for. */
export function publicationOf(
  message: Message,
  { protocol, format, source }: Settings,
): Publication {
  const { topic, qos, retain, id, headers, contentType } = message;
  const envelope = { topic, qos, retain };
  if (format === "raw") {
    const { payload } = message;
    if (protocol === 4) return { ...envelope, payload, properties: null };
    const userProperties = { ...headers, id };
    return {
      ...envelope,
      payload,
      properties: { contentType, userProperties },
    };
  }
  if (protocol === 4) {
    const payload = toStructured(message, source);
    return { ...envelope, payload, properties: null };
  }
  const { payload, attributes } = toBinary(message, source);
  const properties = { contentType, userProperties: attributes };
  return { ...envelope, payload, properties };
}
