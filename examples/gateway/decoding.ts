/**
 * From an MQTT message back to a reading.
 *
 * @module
 */

import type { IPublishPacket } from "mqtt";
import * as v from "valibot";
import { type Reading, readingSchema } from "./events.ts";

const structured = v.object({
  specversion: v.literal("1.0"),
  data: readingSchema,
});

/** Reads a CloudEvent in binary mode (MQTT 5) or structured mode (3.1.1). */
export function decodedReading(
  payload: Uint8Array,
  packet: IPublishPacket,
): Reading {
  const json: unknown = JSON.parse(new TextDecoder().decode(payload));
  return packet.properties?.userProperties === undefined
    ? v.parse(structured, json).data
    : v.parse(readingSchema, json);
}
