/**
 * The consumer process: subscribes to the gateway's readings and reports each
 * one that arrives, however often it does.
 *
 * @module
 */

import {
  connectAsync,
  type IClientOptions,
  type IPublishPacket,
  type MqttClient,
} from "mqtt";
import process from "node:process";
import { decoded } from "../stage/decoding.ts";
import { joinParent } from "../stage/parent.ts";
import { readingSchema } from "./events.ts";
import {
  type ConsumerConfig,
  consumerConfig,
  type ConsumerOrder,
  consumerOrder,
  type ConsumerReport,
} from "./process_protocol.ts";
import { wallClockMs } from "./wall_clock.ts";

const { config, parent } = await joinParent<
  ConsumerConfig,
  ConsumerOrder,
  ConsumerReport
>({ config: consumerConfig, order: consumerOrder });

const { brokerUrl, gateway, mqttVersion } = config;
const topics = `gateways/${gateway}/+`;

// A session that outlives its connection: the broker keeps what this consumer
// has not acknowledged.
const client = await connect(brokerUrl, {
  protocolVersion: mqttVersion,
  clientId: `consumer-${gateway}`,
  clean: false,
  reconnectPeriod: 250,
  connectTimeout: 5_000,
  ...(mqttVersion === 5 && { properties: { sessionExpiryInterval: 600 } }),
});
client.on("error", (error) => console.error(`consumer: ${error.message}`));
client.on("message", (_topic, _payload, packet) => void received(packet));
await client.subscribeAsync(topics, { qos: 1 });

parent.onOrder(() => void finish());
parent.report({ type: "ready" });

/** Connects, or says why that is impossible and never returns. */
async function connect(
  url: string,
  options: IClientOptions,
): Promise<MqttClient> {
  try {
    return await connectAsync(url, options, false);
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    parent.report({ type: "unreachable", reason: message || `${code}` });
    return await new Promise<never>(() => {});
  }
}

async function received(packet: IPublishPacket): Promise<void> {
  const receivedAtMs = wallClockMs();
  const { device, reading } = await decoded(readingSchema, packet);
  parent.report({ type: "received", device, reading, receivedAtMs });
}

/** Leaves nothing at the broker: no subscription and no session. */
async function finish(): Promise<void> {
  await client.unsubscribeAsync(topics);
  parent.report({ type: "finished" });
  await client.endAsync(false, {
    ...(mqttVersion === 5 && { properties: { sessionExpiryInterval: 0 } }),
  });
  process.disconnect?.();
}
