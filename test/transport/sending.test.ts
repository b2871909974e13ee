import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import {
  brokerWith,
  connectTo,
  line,
  outcomesOf,
} from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

const messages = (count: number, qos: 1 | 2 = 1) =>
  Array.from({ length: count }, (_, at) => sampleMessage({ seq: at + 1, qos }));

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe.each([5, 4] as const)(
  "a message over MQTT protocol %s",
  (protocol) => {
    test("is delivered when PUBACK has come, and not before", async () => {
      const { broker, connection } = await line({
        protocol,
        answer: () => "hold",
      });
      const send = connection.send(sampleMessage());
      const outcomes = outcomesOf([send]);
      await eventually(() => broker.published.length === 1, "the message");
      await turn();
      expect(outcomes.sofar).toEqual([undefined]);
      broker.release();
      expect(await send).toEqual({ kind: "delivered", unheard: false });
    });

    test("of QoS 2 is delivered when PUBCOMP has come, and not at PUBREC", async () => {
      const { broker, connection } = await line({
        protocol,
        complete: () => "hold",
      });
      const send = connection.send(sampleMessage({ qos: 2 }));
      const outcomes = outcomesOf([send]);
      await eventually(() => broker.released.length === 1, "PUBREL");
      await turn();
      expect(outcomes.sofar).toEqual([undefined]);
      const [packetId] = broker.released;
      broker.send({ cmd: "pubcomp", messageId: packetId! });
      expect(await send).toEqual({ kind: "delivered", unheard: false });
    });

    test("goes out with its topic, quality of service and retain flag", async () => {
      const { broker, connection } = await line({ protocol });
      await connection.send(sampleMessage({ topic: "a/ü/b", retain: true }));
      await connection.send(sampleMessage({ topic: "c", qos: 2 }));
      expect(broker.published).toMatchObject([
        { topic: "a/ü/b", qos: 1, retain: true, dup: false },
        { topic: "c", qos: 2, retain: false, dup: false },
      ]);
    });
  },
);

test("messages arrive in the order of the calls, whatever their quality of service", async () => {
  const { broker, connection } = await line({}, { window: 500 });
  const sends = messages(500).map((message) =>
    connection.send({ ...message, qos: message.seq % 3 === 0 ? 2 : 1 })
  );
  await Promise.all(sends);
  expect(broker.published.map(({ payload }) => String(payload)))
    .toEqual(messages(500).map(({ seq }) => `{"kwh":${seq}.0}`));
});

test("a message that nobody heard is delivered, and says so", async () => {
  const { connection } = await line({ answer: () => 0x10 });
  for (const qos of [1, 2] as const) {
    expect(await connection.send(sampleMessage({ qos })))
      .toEqual({ kind: "delivered", unheard: true });
  }
});

test("an answer to a message that was not asked for changes nothing", async () => {
  const { broker, connection } = await line({ answer: () => "hold" });
  const send = connection.send(sampleMessage());
  await eventually(() => broker.published.length === 1, "the message");
  const messageId = broker.published[0]!.messageId!;
  broker.send({ cmd: "puback", messageId: messageId % 65_535 + 1 });
  broker.send({ cmd: "pubcomp", messageId });
  broker.release(0x10);
  expect(await send).toEqual({ kind: "delivered", unheard: true });
});

describe("the window", () => {
  test.each([
    ["the option", 3, undefined, 3],
    ["the broker's Receive Maximum", 64, 5, 5],
    ["the default", undefined, undefined, 64],
    ["the option, though the broker takes more", 2, 9, 2],
  ])("is %s", async (_, window, receiveMaximum, expected) => {
    const { broker, connection } = await line(
      {
        welcome: receiveMaximum === undefined
          ? {}
          : { properties: { receiveMaximum } },
        answer: () => "hold",
      },
      window === undefined ? {} : { window },
    );
    expect(connection.window).toBe(expected);
    const sends = messages(expected + 10).map((each) => connection.send(each));
    const outcomes = outcomesOf(sends);
    await eventually(
      () => broker.published.length === expected,
      "a full window",
    );
    expect(outcomes.sofar.slice(expected))
      .toEqual(Array(10).fill("unavailable"));
    broker.release();
    await Promise.all(sends);
    expect(broker.published.length).toBe(expected);
    expect(outcomes.sofar.slice(0, expected))
      .toEqual(Array(expected).fill("delivered"));
  });

  test("is never exceeded, also while QoS 2 is half done", async () => {
    const { broker, connection } = await line({
      welcome: { properties: { receiveMaximum: 4 } },
    });
    let sent = 0;
    const worker = async () => {
      while (sent < 200) {
        const message = sampleMessage({ seq: ++sent, qos: sent % 2 ? 1 : 2 });
        expect((await connection.send(message)).kind).toBe("delivered");
      }
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(broker.peak).toBeLessThanOrEqual(4);
  });

  test("goes round all packet identifiers, past the one that is in use", async () => {
    let first = true;
    const { broker, connection } = await line({
      answer: () => {
        const answer = first ? "hold" : 0;
        first = false;
        return answer;
      },
    }, { format: "raw" });
    const held = connection.send(sampleMessage());
    const message = sampleMessage({ payload: new Uint8Array(0) });
    let left = 66_000;
    const worker = async () => {
      while (left-- > 0) await connection.send(message);
    };
    await Promise.all(Array.from({ length: 63 }, worker));
    const [inUse, ...others] = broker.published.map((each) => each.messageId);
    expect(others.length).toBe(66_000);
    expect(others).not.toContain(inUse);
    expect(new Set(others).size).toBe(65_534);
    broker.release();
    expect(await held).toMatchObject({ kind: "delivered" });
  });
});

describe("what is not connected", () => {
  test("takes nothing after close, and nothing reaches the broker", async () => {
    const { broker, connection } = await line();
    await connection.send(sampleMessage());
    await connection.close();
    const sends = messages(10).map((message) => connection.send(message));
    expect(await Promise.all(sends))
      .toEqual(Array(10).fill({ kind: "unavailable" }));
    await eventually(() => broker.sockets === 0, "the end of the connection");
    expect(broker.published.length).toBe(1);
  });

  test("takes nothing after the broker has gone", async () => {
    const { broker, connection } = await line();
    broker.cut();
    await connection.closed;
    expect(await connection.send(sampleMessage()))
      .toEqual({ kind: "unavailable" });
  });

  test("stays closed however often it is closed", async () => {
    const { broker, connection } = await line();
    await Promise.all([connection.close(), connection.close()]);
    await connection.close();
    expect(await connection.closed).toEqual({
      code: "CLOSED",
      reason: "Closed by this side",
    });
    await eventually(() => broker.sockets === 0, "the end of the connection");
  });
});

test("a message that cannot be encoded is an outcome, and harms no other", async () => {
  const { connection } = await line();
  const broken = sampleMessage({ headers: null as never });
  const strange = { ...sampleMessage(), payload: undefined as never };
  const sends = [
    connection.send(sampleMessage()),
    connection.send(strange),
    connection.send(broken),
    connection.send(sampleMessage({ seq: 2 })),
  ];
  expect(await Promise.all(sends)).toMatchObject([
    { kind: "delivered" },
    { kind: "retry", failure: { code: "NOT_ENCODED" } },
    { kind: "delivered" },
    { kind: "delivered" },
  ]);
});

test("what a connection holds open is gone with it: sockets and timers", async () => {
  const held = () =>
    process.getActiveResourcesInfo()
      .filter((name) => ["TCPSocketWrap", "Timeout"].includes(name));
  const broker = await brokerWith();
  const connection = await connectTo(broker);
  await connection.send(sampleMessage());
  expect(held()).toEqual(
    expect.arrayContaining(["TCPSocketWrap", "Timeout"]),
  );
  await connection.close();
  await eventually(() => held().length === 0, "the end of all resources");
  expect(broker.sockets).toBe(0);
});
