/**
 * From an MQTT message back to a reading.
 *
 * @module
 */

import { fromBinary, fromStructured } from "@mailboat/outbox";
import type { IPublishPacket } from "mqtt";
import * as v from "valibot";
import { type Reading, readingSchema } from "./events.ts";

/**
 * Reads the event: on MQTT 5 the payload is the data, with the attributes as
 * user properties beside it; on 3.1.1 the payload is the whole event.
 *
 * @throws {Error} when it is no event, or none of a reading.
 */
export function decodedReading(
  payload: Uint8Array,
  { properties }: IPublishPacket,
): Reading {
  const decoded = properties?.userProperties === undefined
    ? fromStructured(payload)
    : fromBinary({ payload, properties });
  if (decoded.kind === "malformed") throw new Error(decoded.reason);
  const json: unknown = JSON.parse(
    new TextDecoder().decode(decoded.event.data),
  );
  return v.parse(readingSchema, json);
}
