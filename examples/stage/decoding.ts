/**
 * From an MQTT message back to what was enqueued.
 *
 * @module
 */

import { decodeEvent } from "@mailboat/outbox";
import type { IPublishPacket } from "mqtt";
import * as v from "valibot";

/**
 * Reads an event and checks its data.
 *
 * @throws {Error} when it is no event, or not what the schema wants.
 */
export async function decoded<Data>(
  schema: v.GenericSchema<Data>,
  { payload, properties }: IPublishPacket,
): Promise<Data> {
  const decoded = await decodeEvent({
    payload: payload as Uint8Array,
    properties,
  });
  if (decoded.kind === "malformed") throw new Error(decoded.reason);
  const json: unknown = JSON.parse(
    new TextDecoder().decode(decoded.event.data),
  );
  return v.parse(schema, json);
}
