import type { Codec } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { generate } from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { line, never } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";
import type { Answer, ScriptedBroker } from "../support/scripted_broker.ts";

const allowing = (topicAliasMaximum: number) => ({
  welcome: { properties: { topicAliasMaximum } },
});

/** Topic and alias of every PUBLISH. */
const wired = ({ published }: ScriptedBroker) =>
  published.map(({ topic, properties }) => [
    topic,
    properties?.topicAlias,
  ]);

/** Nothing but a topic. */
const bare: Codec = {
  encode: () => ({
    payload: new Uint8Array(),
    contentType: null,
    userProperties: [],
  }),
};

const to = (topic: string) => sampleMessage({ topic });

test("a topic goes by its number once the broker has accepted both", async () => {
  const { broker, connection } = await line(allowing(2), { topicAliases: 9 });
  for (const topic of ["a", "b", "c", "a", "c", "b"]) {
    expect(await connection.send(to(topic)))
      .toMatchObject({ kind: "delivered" });
  }
  expect(wired(broker)).toEqual([
    ["a", 1],
    ["b", 2],
    ["c", undefined],
    ["", 1],
    ["c", undefined],
    ["", 2],
  ]);
});

test("of messages that are sent together each tells the topic", async () => {
  const { broker, connection } = await line(allowing(1), { topicAliases: 1 });
  await Promise.all(["a", "a", "a"].map((topic) => connection.send(to(topic))));
  await connection.send(to("a"));
  expect(wired(broker)).toEqual([["a", 1], ["a", 1], ["a", 1], ["", 1]]);
});

test("a refused message leaves its topic to be told again", async () => {
  const answers: Answer[] = [0x87, 0x00];
  const { broker, connection } = await line({
    ...allowing(1),
    answer: () => answers.shift() ?? 0,
  }, { topicAliases: 1 });
  for (let at = 0; at < 3; at++) await connection.send(to("a"));
  expect(wired(broker)).toEqual([["a", 1], ["a", 1], ["", 1]]);
});

test("QoS 2 settles a topic at PUBREC", async () => {
  const { broker, connection } = await line(allowing(1), { topicAliases: 1 });
  for (let at = 0; at < 2; at++) {
    await connection.send(sampleMessage({ qos: 2, topic: "a" }));
  }
  expect(wired(broker)).toEqual([["a", 1], ["", 1]]);
});

describe("without", () => {
  test.each([
    ["the option", {}, 10],
    ["the broker's leave", { topicAliases: 10 }, 0],
  ])("%s there is none", async (_, options, maximum) => {
    const { broker, connection } = await line(allowing(maximum), options);
    await connection.send(to("a"));
    await connection.send(to("a"));
    expect(wired(broker)).toEqual([["a", undefined], ["a", undefined]]);
  });
});

test("a new connection knows none of the old one's", async () => {
  const { broker, connection } = await line(allowing(1), { topicAliases: 1 });
  await connection.send(to("a"));
  await connection.close();
  const { url } = broker;
  const transport = mqttTransport(url, { topicAliases: 1 });
  for (let at = 0; at < 2; at++) {
    const again = await transport.connect({ identity: "a", signal: never() });
    await again.send(to("a"));
    await again.close();
  }
  expect(wired(broker)).toEqual([["a", 1], ["a", 1], ["a", 1]]);
});

test("after 0x94 the next connections use none", async () => {
  const { broker } = await line(allowing(1));
  const transport = mqttTransport(broker.url, { topicAliases: 1 });
  const request = { identity: "a", signal: never() };
  const first = await transport.connect(request);
  await first.send(to("a"));
  broker.send(Uint8Array.of(0xe0, 2, 0x94, 0));
  const { reason } = await first.closed;
  expect(reason).toContain("the next connections use none");
  const second = await transport.connect(request);
  await second.send(to("a"));
  expect(wired(broker)).toEqual([["a", 1], ["a", undefined]]);
  await second.close();
});

test("a message that only an alias would make too large goes without", async () => {
  const { broker, connection } = await line({
    welcome: {
      properties: {
        topicAliasMaximum: 1,
        maximumPacketSize: generate({
          cmd: "publish",
          topic: "a",
          payload: "",
          messageId: 1,
          qos: 1,
          dup: false,
          retain: false,
        }, { protocolVersion: 5 }).length,
      },
    },
  }, { topicAliases: 1, format: bare });
  expect(await connection.send(to("a"))).toMatchObject({ kind: "delivered" });
  expect(wired(broker)).toEqual([["a", undefined]]);
});

test("the size that counts is the one on the wire", async () => {
  const topic = "t".repeat(100);
  const { broker, connection } = await line(allowing(1), { topicAliases: 1 });
  await connection.send(to(topic));
  await connection.send(to(topic));
  const bytes = broker.published.map((packet) =>
    generate(packet, { protocolVersion: 5 }).length
  );
  expect(bytes[0]! - bytes[1]!).toBe(100);
  const exact = await line({
    welcome: {
      properties: { topicAliasMaximum: 1, maximumPacketSize: bytes[0]! },
    },
  }, { topicAliases: 1 });
  const large = sampleMessage({
    topic,
    payload: new Uint8Array([
      ...sampleMessage().payload,
      ...new Uint8Array(100),
    ]),
  });
  const outcomes = [];
  for (const message of [large, to(topic), large]) {
    outcomes.push((await exact.connection.send(message)).kind);
  }
  expect(outcomes).toEqual(["dead", "delivered", "delivered"]);
  await eventually(() => exact.broker.published.length === 2, "both");
});
