/**
 * The MQTT transport before a broker that follows a script, as the conformance
 * cases see it.
 *
 * @module
 */

import {
  mqttTransport,
  type MqttTransportOptions,
} from "@mailboat/outbox/mqtt";
import type {
  ReceivedMessage,
  TransportHarness,
} from "@mailboat/outbox/testing";
import type { IPublishPacket } from "mqtt-packet";
import {
  startScriptedBroker,
  type Welcome,
} from "../support/scripted_broker.ts";

const refusedTopic = "refused/m-1";
const QUOTA_EXCEEDED = 0x97;
const NOT_AUTHORIZED = 0x87;

/** A scripted MQTT 5 broker over TCP that has received nothing. */
export async function createMqttHarness(
  options: MqttTransportOptions = {},
): Promise<TransportHarness> {
  let hangs = false;
  let welcome: Welcome = {};
  const broker = await startScriptedBroker({
    get welcome() {
      return hangs ? "silence" : welcome;
    },
    answer: ({ topic }) =>
      topic === refusedTopic ? QUOTA_EXCEEDED : hangs ? "hold" : 0,
  });
  let closing: Promise<void> | null = null;
  const close = () => closing ??= broker.close();
  const doing = (work: () => void) => () =>
    new Promise<void>((resolve) => resolve(work()));
  return {
    transport: mqttTransport(broker.url, options),
    refusedTopic,
    replaces: false,
    received: () =>
      broker.published.filter(({ topic }) => topic !== refusedTopic)
        .map(receivedOf),
    hang: doing(() => hangs = true),
    resume: doing(() => {
      hangs = false;
      broker.release();
    }),
    cut: doing(() => {
      broker.cut();
      hangs = false;
    }),
    refuse: doing(() => welcome = { code: NOT_AUTHORIZED }),
    stop: close,
    close,
  };
}

/** A message as a consumer of CloudEvents in binary mode reads it. */
export function receivedOf(
  { topic, payload, properties }: Pick<
    IPublishPacket,
    "topic" | "payload" | "properties"
  >,
): ReceivedMessage {
  const { id } = properties?.userProperties ?? {};
  const expiryS = properties?.messageExpiryInterval;
  return {
    id: String(id),
    remainingMs: expiryS === undefined ? null : expiryS * 1_000,
    topic,
    payload: typeof payload === "string"
      ? new TextEncoder().encode(payload)
      : Uint8Array.from(payload),
  };
}
