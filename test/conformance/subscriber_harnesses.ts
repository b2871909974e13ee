/**
 * Subscribers and their brokers, as the conformance cases see them.
 *
 * @module
 */

import type { Subscriber } from "@mailboat/outbox";
import { mqttSubscriber } from "@mailboat/outbox/mqtt";
import {
  createMemorySubscriber,
  type SubscriberHarness,
} from "@mailboat/outbox/testing";
import { connectAsync } from "mqtt";
import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMosquitto } from "../support/mosquitto.ts";

const topic = "conformance/m-1";

/** The subscriber in memory, with whatever is put around it. */
export function memorySubscriberHarness(
  breaks: (sound: Subscriber) => Subscriber = (sound) => sound,
): Promise<SubscriberHarness> {
  const subscriber = createMemorySubscriber();
  return Promise.resolve({
    subscriber: breaks(subscriber),
    publish: (payloads) => {
      for (const payload of payloads) subscriber.publish({ topic, payload });
      return Promise.resolve();
    },
    cut: () => Promise.resolve(subscriber.cut()),
    stop: () => {
      subscriber.reachable = false;
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  });
}

/** The MQTT subscriber before Mosquitto, which keeps its sessions over a restart. */
export async function mosquittoSubscriberHarness(
  protocol: 5 | 4,
): Promise<SubscriberHarness> {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-sessions-"));
  // As root it drops its rights, and writes its files as somebody else.
  chmodSync(folder, 0o777);
  const config = ["persistence true", `persistence_location ${folder}/`];
  let broker = await startMosquitto({ config });
  return {
    subscriber: mqttSubscriber(broker.url, {
      topics: ["conformance/#"],
      protocol,
    }),
    publish: async (payloads) => {
      const client = await connectAsync(broker.url, { reconnectPeriod: 0 });
      for (const payload of payloads) {
        await client.publishAsync(topic, Buffer.from(payload), { qos: 1 });
      }
      await client.endAsync(true);
    },
    cut: async () => {
      const ended = new Promise((resolve) =>
        broker.process.once("exit", resolve)
      );
      // It writes its sessions down when it is asked to end.
      broker.process.kill("SIGTERM");
      await ended;
      const { port } = broker;
      broker = await startMosquitto({ port, config });
    },
    stop: () => broker.stop(),
    close: async () => {
      await broker.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
