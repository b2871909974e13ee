/**
 * From an MQTT message back to a reading.
 *
 * @module
 */

import { decodeEvent } from "@mailboat/outbox";
import type { IPublishPacket } from "mqtt";
import * as v from "valibot";
import { type Reading, readingSchema } from "./events.ts";

/**
 * Reads the event.
 *
 * @throws {Error} when it is no event, or none of a reading.
 */
export async function decodedReading(
  payload: Uint8Array,
  { properties }: IPublishPacket,
): Promise<Reading> {
  const decoded = await decodeEvent({ payload, properties });
  if (decoded.kind === "malformed") throw new Error(decoded.reason);
  const json: unknown = JSON.parse(
    new TextDecoder().decode(decoded.event.data),
  );
  return v.parse(readingSchema, json);
}
