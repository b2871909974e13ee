import { generate, type IConnackPacket } from "mqtt-packet";
import { describe, expect, test } from "vitest";
import { connectTo, line } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";
import type { ScriptedBroker } from "../support/scripted_broker.ts";

/** The size of what the broker has received. */
function bytesOf({ published }: ScriptedBroker): number {
  return generate(published[0]!, { protocolVersion: 5 }).length;
}

describe("the Maximum Packet Size", () => {
  test("is kept to the byte", async () => {
    const { broker, connection } = await line();
    await connection.send(sampleMessage());
    const bytes = bytesOf(broker);

    const exact = await line({
      welcome: { properties: { maximumPacketSize: bytes } },
    });
    expect(await exact.connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });

    const below = await line({
      welcome: { properties: { maximumPacketSize: bytes - 1 } },
    });
    expect(await below.connection.send(sampleMessage())).toEqual({
      kind: "dead",
      failure: {
        code: "PACKET_TOO_LARGE",
        reason: `The packet has ${bytes} bytes, the broker takes ${bytes - 1}`,
      },
    });
    const small = sampleMessage({ payload: new Uint8Array(0) });
    expect(await below.connection.send(small))
      .toMatchObject({ kind: "delivered" });
    expect(below.broker.published.length).toBe(1);
  });

  test("that is zero, against the standard, is none", async () => {
    const { connection } = await line({
      // Receive Maximum and Maximum Packet Size of 0.
      welcome: Uint8Array.of(0x20, 11, 0, 0, 8, 0x21, 0, 0, 0x27, 0, 0, 0, 0),
    });
    expect(connection.window).toBe(64);
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
  });
});

test("limits are read anew at each connection", async () => {
  const script: { welcome: { properties: IConnackPacket["properties"] } } = {
    welcome: { properties: { receiveMaximum: 3, maximumPacketSize: 50 } },
  };
  const { broker, connection } = await line(script);
  expect(connection.window).toBe(3);
  expect(await connection.send(sampleMessage()))
    .toMatchObject({ kind: "dead", failure: { code: "PACKET_TOO_LARGE" } });
  await connection.close();
  script.welcome.properties = { receiveMaximum: 5 };
  const next = await connectTo(broker);
  expect(next.window).toBe(5);
  expect(await next.send(sampleMessage())).toMatchObject({ kind: "delivered" });
});

test("QoS 2 is not sent to a broker that lacks it, nor sent as QoS 1", async () => {
  const { broker, connection } = await line({
    welcome: { properties: { maximumQoS: 1 } },
  });
  expect(await connection.send(sampleMessage({ qos: 2 }))).toMatchObject({
    kind: "dead",
    failure: { code: "QOS_UNSUPPORTED" },
  });
  expect(await connection.send(sampleMessage()))
    .toMatchObject({ kind: "delivered" });
  expect(broker.published.length).toBe(1);
});

test("a retained message is not sent to a broker that keeps none", async () => {
  const { broker, connection } = await line({
    welcome: { properties: { retainAvailable: false } },
  });
  expect(await connection.send(sampleMessage({ retain: true })))
    .toMatchObject({ kind: "dead", failure: { code: "RETAIN_UNSUPPORTED" } });
  expect(broker.published.length).toBe(0);
});

describe("what every broker would cut the connection for", () => {
  test.each([
    ["no topic", { topic: "" }, "INVALID_TOPIC"],
    ["a wildcard", { topic: "a/+" }, "INVALID_TOPIC"],
    ["a wildcard for all", { topic: "a/#" }, "INVALID_TOPIC"],
    ["U+0000 in its topic", { topic: "a\0" }, "INVALID_TOPIC"],
    ["a control character in its topic", { topic: "a\n" }, "INVALID_TOPIC"],
    ["half a character in its topic", { topic: "a\ud800" }, "INVALID_TOPIC"],
    ["an endless topic", { topic: "é".repeat(32_768) }, "INVALID_TOPIC"],
    ["a topic that is no text", { topic: 1 as never }, "INVALID_TOPIC"],
    ["a line feed in a header", { headers: { a: "\n" } }, "INVALID_PROPERTY"],
    ["a header with an endless name", {
      headers: { ["x".repeat(65_536)]: "" },
    }, "INVALID_PROPERTY"],
    ["U+FFFF in its content type", {
      contentType: "a/\uffff",
    }, "INVALID_PROPERTY"],
    ["a wildcard in its response topic", {
      responseTopic: "a/+",
    }, "INVALID_PROPERTY"],
    ["no response topic where one is said to be", {
      responseTopic: "",
    }, "INVALID_PROPERTY"],
    ["endless correlation data", {
      correlationData: new Uint8Array(65_536),
    }, "INVALID_PROPERTY"],
    ["a quality of service of its own", { qos: 3 as never }, "QOS_UNSUPPORTED"],
    ["no quality of service", { qos: 0 as never }, "QOS_UNSUPPORTED"],
  ])("is dead at once: %s", async (_, fields, code) => {
    const { broker, connection } = await line();
    expect(await connection.send(sampleMessage(fields)))
      .toMatchObject({ kind: "dead", failure: { code } });
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "delivered" });
    expect(broker.published.length).toBe(1);
  });

  test("but the longest topic goes out", async () => {
    const { broker, connection } = await line();
    const topic = "é".repeat(32_767) + "x";
    expect(await connection.send(sampleMessage({ topic })))
      .toMatchObject({ kind: "delivered" });
    expect(broker.published[0]!.topic).toBe(topic);
  });
});
