import type { Message } from "@mailboat/outbox";
import { describe, expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import {
  mosquittoSubscriber,
  withoutMosquittoClient,
} from "../support/foreign_subscriber.ts";
import {
  type Mosquitto,
  startMosquitto,
  withoutMosquitto,
} from "../support/mosquitto.ts";
import { type ConnectOptions, connectTo } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

async function mosquitto(): Promise<Mosquitto> {
  const broker = await startMosquitto();
  onTestFinished(() => broker.stop());
  return broker;
}

/** What the client prints of one message. */
async function printed(
  message: Message,
  { protocol = 5, ...options }: ConnectOptions,
): Promise<Record<string, unknown>> {
  const broker = await mosquitto();
  const { lines } = await mosquittoSubscriber({ ...broker, protocol });
  const connection = await connectTo(broker, { protocol, ...options });
  expect(await connection.send(message)).toMatchObject({ kind: "delivered" });
  await eventually(() => lines.length === 1, "the line");
  return JSON.parse(lines[0]!);
}

const message = sampleMessage({
  key: "m 1",
  headers: { site: 'nörd "7": a', traceparent: "00-4bf9-01" },
});
const attributes = {
  specversion: "1.0",
  id: message.id,
  source: "/mailboat",
  type: "meter.read",
  time: "2026-08-01T09:30:00.000Z",
  partitionkey: "m 1",
  sequence: "00000000000000000001",
  ...message.headers,
};

describe.skipIf(withoutMosquitto || withoutMosquittoClient)(
  "Mosquitto's own client",
  () => {
    test("reads an event in binary mode: payload, content type and attributes", async () => {
      expect(await printed(message, {})).toMatchObject({
        topic: "meters/m-1",
        qos: 1,
        payload: '{"kwh":1.0}',
        properties: {
          "content-type": "application/json",
          "user-properties": attributes,
        },
      });
    });

    test("reads an event in structured mode over MQTT 5", async () => {
      const format = "cloudevents-structured";
      const { payload, properties } = await printed(message, { format });
      expect(properties).toEqual({
        "content-type": "application/cloudevents+json; charset=utf-8",
      });
      expect(JSON.parse(String(payload))).toEqual({
        ...attributes,
        datacontenttype: "application/json",
        data: { kwh: 1 },
      });
    });

    test("reads an event in structured mode over MQTT 3.1.1", async () => {
      const line = await printed(message, { protocol: 4 });
      expect(line["properties"]).toBeUndefined();
      expect(JSON.parse(String(line["payload"]))).toMatchObject({
        ...attributes,
        data: { kwh: 1 },
      });
    });

    test("reads a raw payload with the id beside it", async () => {
      expect(await printed(message, { format: "raw" })).toMatchObject({
        payload: '{"kwh":1.0}',
        properties: {
          "content-type": "application/json",
          "user-properties": { id: message.id, ...message.headers },
        },
      });
    });
  },
);
