/**
 * The other end of the line: what arrives at a subscriber of the broker.
 *
 * @module
 */

import { connectAsync, type IPublishPacket, type MqttClient } from "mqtt";
import { type EventEmitter, on } from "node:events";
import type * as v from "valibot";
import { decoded } from "./decoding.ts";

/**
 * Subscribes, and resolves with everything that arrives from now on, in its
 * order. It leaves the broker when the loop over it ends.
 *
 * @throws {Error} when the broker is not there.
 */
export async function arrivals<Data>(
  url: string,
  topic: string,
  schema: v.GenericSchema<Data>,
): Promise<AsyncIterable<Data>> {
  const client = await connectAsync(url, {}, false);
  // Listens from here on: what comes before the loop begins is kept for it.
  const messages = on(client as unknown as EventEmitter, "message");
  await client.subscribeAsync(topic, { qos: 1 });
  return eachOf(client, messages, schema);
}

async function* eachOf<Data>(
  client: MqttClient,
  messages: AsyncIterable<unknown[]>,
  schema: v.GenericSchema<Data>,
): AsyncGenerator<Data> {
  try {
    for await (const [, , packet] of messages) {
      yield await decoded(schema, packet as IPublishPacket);
    }
  } finally {
    await client.endAsync();
  }
}
