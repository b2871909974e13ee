import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { line, outcomesOf } from "../support/mqtt_rig.ts";
import type { Answer } from "../support/scripted_broker.ts";
import { sampleMessage } from "../support/sample_message.ts";

const messages = (count: number) =>
  Array.from(
    { length: count },
    (_, at) => sampleMessage({ seq: at + 1, qos: at % 2 ? 2 : 1 }),
  );

test("a connection that is cut leaves every pending message unknown", async () => {
  const { broker, connection } = await line({ answer: () => "hold" });
  const sends = messages(20).map((message) => connection.send(message));
  await eventually(() => broker.published.length === 20, "all messages");
  broker.cut();
  expect(await Promise.all(sends)).toEqual(Array(20).fill({ kind: "unknown" }));
  expect(await connection.closed).toMatchObject({ code: "CONNECTION_LOST" });
  expect(await connection.send(sampleMessage())).toEqual({
    kind: "unavailable",
  });
});

test("a broker that cuts at a message leaves it unknown", async () => {
  const { connection } = await line({ answer: () => "cut" });
  expect(await connection.send(sampleMessage())).toEqual({ kind: "unknown" });
});

describe("an end without a word", () => {
  const script = { answer: (): Answer => "hold" };

  test.each([4, 5] as const)(
    "on protocol %s while a message is unanswered may be the message's fault",
    async (protocol) => {
      const { broker, connection } = await line({ ...script, protocol });
      void connection.send(sampleMessage());
      await eventually(() => broker.published.length === 1, "the message");
      broker.cut();
      expect((await connection.closed).advice).toBe("silent");
    },
  );

  test("is no message's fault while none is unanswered", async () => {
    const { broker, connection } = await line({ protocol: 4 });
    await connection.send(sampleMessage());
    broker.cut();
    expect((await connection.closed).advice).toBeUndefined();
  });

  test("is no message's fault where the broker is silent for too long", async () => {
    const { connection } = await line(
      { ...script, protocol: 4, pongs: false },
      { keepAliveMs: 1_000 },
    );
    void connection.send(sampleMessage());
    expect(await connection.closed)
      .toEqual({ code: "CONNECTION_LOST", reason: "Keepalive timeout" });
  });
});

test("a broker that takes QoS 2 half way leaves it unknown", async () => {
  const { connection } = await line({ complete: () => "cut" });
  expect(await connection.send(sampleMessage({ qos: 2 })))
    .toEqual({ kind: "unknown" });
});

test("close leaves every pending message unknown, and waits for none", async () => {
  const { broker, connection } = await line({ answer: () => "hold" });
  const sends = messages(20).map((message) => connection.send(message));
  const outcomes = outcomesOf(sends);
  await connection.close();
  expect(outcomes.sofar).toEqual(Array(20).fill("unknown"));
  expect(await connection.closed).toMatchObject({ code: "CLOSED" });
  await eventually(() => broker.sockets === 0, "the end of the connection");
});

test("close does not wait for a broker that has stopped reading", async () => {
  const { broker, connection } = await line();
  broker.freeze();
  const payload = new Uint8Array(2 ** 20);
  const sends = messages(40).map((message) =>
    connection.send({ ...message, payload })
  );
  await connection.close();
  expect(await Promise.all(sends)).toEqual(Array(40).fill({ kind: "unknown" }));
});

describe("a broker that says goodbye", () => {
  test.each([
    [0x00, "Normal disconnection"],
    [0x8b, "Server shutting down"],
    [0x8d, "Keep Alive timeout"],
    [0x95, "Packet too large"],
    [0x98, "Administrative action"],
  ])("with code %s is quoted: %s", async (reasonCode, name) => {
    const { broker, connection } = await line({ answer: () => "hold" });
    const send = connection.send(sampleMessage());
    await eventually(() => broker.published.length === 1, "the message");
    const reasonString = "see\nyou";
    broker.send({
      cmd: "disconnect",
      reasonCode,
      properties: { reasonString },
    });
    const hex = reasonCode.toString(16).toUpperCase().padStart(2, "0");
    expect(await connection.closed).toMatchObject({
      code: `MQTT_0x${hex}`,
      reason: `${name}: see\\u{000a}you`,
    });
    expect(await send).toEqual({ kind: "unknown" });
    await eventually(() => broker.sockets === 0, "the end of the connection");
  });

  test("is heard to the end: acknowledgements before it count", async () => {
    const { broker, connection } = await line({ answer: () => "hold" });
    const sends = [1, 2].map((seq) => connection.send(sampleMessage({ seq })));
    await eventually(() => broker.published.length === 2, "both messages");
    const id = broker.published[0]!.messageId!;
    broker.send(
      Uint8Array.of(0x40, 2, id >> 8, id & 0xff, 0xe0, 2, 0x8b, 0),
    );
    expect(await Promise.all(sends)).toMatchObject([
      { kind: "delivered" },
      { kind: "unknown" },
    ]);
    expect(await connection.closed).toMatchObject({ code: "MQTT_0x8B" });
  });

  test("with a code of its own is gone all the same", async () => {
    const { broker, connection } = await line();
    broker.send(Uint8Array.of(0xe0, 2, 0xee, 0));
    expect(await connection.closed).toMatchObject({ code: "CONNECTION_LOST" });
  });
});

test("a broker that talks nonsense is left", async () => {
  const { broker, connection } = await line({ answer: () => "hold" });
  const send = connection.send(sampleMessage());
  broker.send(new TextEncoder().encode("HTTP/1.1 400 Bad Request\r\n\r\n"));
  expect(await connection.closed).toMatchObject({ code: "CONNECTION_LOST" });
  expect(await send).toEqual({ kind: "unknown" });
});

describe("a silent connection", () => {
  test("is kept alive at the pace that the broker asks for", async () => {
    const { broker } = await line({
      welcome: { properties: { serverKeepAlive: 1 } },
    }, { keepAliveMs: 60_000 });
    await eventually(() => broker.pings > 0, "a ping");
  });

  test("whose broker does not answer is lost", async () => {
    const { connection } = await line({ pongs: false }, { keepAliveMs: 1_000 });
    expect(await connection.closed).toEqual({
      code: "CONNECTION_LOST",
      reason: "Keepalive timeout",
    });
  });
});
