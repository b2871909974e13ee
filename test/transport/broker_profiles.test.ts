import { createOutbox, defineEvent, InputError } from "@mailboat/outbox";
import {
  brokerLimits,
  type BrokerProfile,
  mqttTransport,
} from "@mailboat/outbox/mqtt";
import { createMemoryStorage } from "@mailboat/outbox/testing";
import * as v from "valibot";
import { describe, expect, test } from "vitest";
import { line } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

const levels = (count: number) => Array(count).fill("a").join("/");

/** The last topic that a vendor documents, and the first beyond. */
const topics: Readonly<Record<BrokerProfile, readonly string[]>> = {
  "aws-iot-core": [levels(8), levels(9)],
  "azure-event-grid": [levels(15), levels(16)],
  "hivemq": ["a".repeat(65_535)],
  "emqx": [levels(128), levels(129)],
  "mosquitto": [levels(200), levels(201)],
};

const names = Object.keys(topics) as BrokerProfile[];

test.each(names)("%s takes the topics that it documents", async (profile) => {
  const { broker, connection } = await line({}, { profile });
  const [within, beyond] = topics[profile];
  expect(await connection.send(sampleMessage({ topic: within! })))
    .toMatchObject({ kind: "delivered" });
  if (beyond === undefined) return;
  const { name } = brokerLimits[profile];
  expect(await connection.send(sampleMessage({ topic: beyond })))
    .toMatchObject({
      kind: "dead",
      failure: {
        code: "BEYOND_PROFILE",
        reason: expect.stringContaining(`levels for ${name}`),
      },
    });
  expect(broker.published.length).toBe(1);
});

test("AWS IoT Core takes topics of 256 bytes and payloads of 128 KiB", async () => {
  const { connection } = await line({}, {
    profile: "aws-iot-core",
    format: "raw",
  });
  const kinds = [];
  for (
    const rest of [
      { topic: "t".repeat(256), payload: new Uint8Array(131_072) },
      { topic: "t".repeat(257) },
      { payload: new Uint8Array(131_073) },
      { qos: 2 as const },
      { retain: true },
    ]
  ) kinds.push((await connection.send(sampleMessage(rest))).kind);
  expect(kinds).toEqual(["delivered", "dead", "dead", "dead", "delivered"]);
});

test.each([["azure-event-grid", 524_288], ["emqx", 1_048_576]] as const)(
  "%s takes packets of %s bytes, and fewer where the broker says so",
  async (profile, bytes) => {
    const large = sampleMessage({ payload: new Uint8Array(bytes - 100) });
    const { connection } = await line({}, { profile });
    expect(await connection.send(large)).toMatchObject({
      kind: "dead",
      failure: { reason: expect.stringContaining(`${bytes}`) },
    });
    const smaller = await line({
      welcome: { properties: { maximumPacketSize: 1_000 } },
    }, { profile });
    expect(await smaller.connection.send(large)).toMatchObject({
      failure: { reason: expect.stringContaining("the broker takes 1000") },
    });
  },
);

describe("at enqueue", () => {
  const define = (options: object = {}) =>
    defineEvent("meter.read", {
      schema: v.object({ text: v.string(), topic: v.string() }),
      topic: ({ topic }) => topic,
      ...options,
    });
  const limits = brokerLimits["aws-iot-core"];

  async function refusal(
    options: object,
    data = { text: "", topic: "a" },
  ): Promise<unknown> {
    const storage = createMemoryStorage();
    await storage.migrate();
    const outbox = createOutbox({ storage, limits });
    try {
      await storage.transaction(async (tx) => {
        await outbox.enqueue(tx, define(options)(data));
      });
    } catch (error) {
      return error;
    }
    return null;
  }

  test("QoS 2 is refused, and the error says what to do", async () => {
    const error = await refusal({ qos: 2 });
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: "INVALID_EVENT", field: "qos" });
    expect((error as InputError).required)
      .toBe("1 for AWS IoT Core: define the event so");
  });

  test("a topic and a payload beyond the limits are refused", async () => {
    expect(await refusal({}, { text: "", topic: levels(9) }))
      .toMatchObject({ code: "INVALID_TOPIC" });
    expect(await refusal({}, { text: "x".repeat(131_072), topic: "a" }))
      .toMatchObject({ code: "PAYLOAD_TOO_LARGE" });
    expect(await refusal({ retain: true })).toBeNull();
  });
});

test.each(["aws", "toString", "", null, 1])(
  "a profile that nobody knows is refused: %s",
  (profile) => {
    expect(() => mqttTransport("mqtt://broker", { profile: profile as never }))
      .toThrow("profile must be one of aws-iot-core, azure-event-grid");
  },
);
