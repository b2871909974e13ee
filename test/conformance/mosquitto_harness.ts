/**
 * The MQTT transport before Mosquitto, as the conformance cases see it: a real
 * broker that is stopped, killed and started again.
 *
 * @module
 */

import { mqttTransport } from "@mailboat/outbox/mqtt";
import type {
  ReceivedMessage,
  TransportHarness,
} from "@mailboat/outbox/testing";
import { connectAsync, type MqttClient } from "mqtt";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startMosquitto } from "../support/mosquitto.ts";
import { receivedOf } from "./mqtt_harness.ts";

/** A Mosquitto that has received nothing, and a subscriber that hears all. */
export async function createMosquittoHarness(): Promise<TransportHarness> {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-acl-"));
  // As root it drops its rights, and reads its files as somebody else.
  chmodSync(folder, 0o755);
  const rules = join(folder, "acl");
  writeFileSync(rules, "topic readwrite conformance/#\n");
  const config = [`acl_file ${rules}`];
  let broker = await startMosquitto({ config });
  const heard: ReceivedMessage[] = [];
  let subscriber = await subscribe(broker.url, heard);
  const restart = async (more: readonly string[]) => {
    subscriber.end(true);
    await broker.stop();
    const { port } = broker;
    broker = await startMosquitto({ port, config: [...config, ...more] });
  };
  const stop = async () => {
    subscriber.end(true);
    await broker.stop();
  };
  const signal = (name: "SIGSTOP" | "SIGCONT") => () => {
    broker.process.kill(name);
    return Promise.resolve();
  };
  return {
    transport: mqttTransport(broker.url),
    refusedTopic: "refused/m-1",
    replaces: true,
    received: () => heard,
    hang: signal("SIGSTOP"),
    resume: signal("SIGCONT"),
    cut: async () => {
      await restart([]);
      subscriber = await subscribe(broker.url, heard);
    },
    refuse: () => restart(["allow_anonymous false"]),
    stop,
    close: async () => {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function subscribe(
  url: string,
  heard: ReceivedMessage[],
): Promise<MqttClient> {
  const client = await connectAsync(url, {
    protocolVersion: 5,
    reconnectPeriod: 0,
  });
  client.on("error", () => {});
  client.on("message", (_, __, packet) => heard.push(receivedOf(packet)));
  await client.subscribeAsync("conformance/#", { qos: 2 });
  return client;
}
