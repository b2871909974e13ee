import { InputError, type Outcome, TransportError } from "@mailboat/outbox";
import {
  mqttTransport,
  type MqttTransportOptions,
  type ReasonClass,
  type ReasonPacket,
} from "@mailboat/outbox/mqtt";
import { describe, expect, test } from "vitest";
import { REASONS } from "../../adapters/mqtt/reason_codes.ts";
import { eventually } from "../support/eventually.ts";
import { brokerWith, connectTo, line } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

type Classes = Readonly<Record<number, ReasonClass>>;

/** What the two standards list, and what is to be done about it. */
const expected: Readonly<Record<ReasonPacket, Classes>> = {
  connack: {
    ...{ 0x01: "config", 0x02: "config", 0x03: "transient" },
    ...{ 0x04: "slow", 0x05: "slow" },
    ...{ 0x00: "ok", 0x80: "transient", 0x81: "config", 0x82: "config" },
    ...{ 0x83: "transient", 0x84: "config", 0x85: "config", 0x86: "slow" },
    ...{ 0x87: "slow", 0x88: "transient", 0x89: "transient", 0x8a: "slow" },
    ...{ 0x8c: "config", 0x90: "config", 0x95: "config", 0x97: "slow" },
    ...{ 0x99: "config", 0x9a: "config", 0x9b: "config", 0x9c: "redirect" },
    ...{ 0x9d: "redirect", 0x9f: "transient" },
  },
  puback: {
    ...{ 0x00: "ok", 0x10: "ok", 0x80: "transient", 0x83: "transient" },
    ...{ 0x87: "slow", 0x90: "permanent", 0x91: "reset", 0x97: "limit" },
    ...{ 0x99: "permanent", 0x95: "permanent" },
  },
  pubrec: {
    ...{ 0x00: "ok", 0x10: "ok", 0x80: "transient", 0x83: "transient" },
    ...{ 0x87: "slow", 0x90: "permanent", 0x91: "reset", 0x97: "limit" },
    ...{ 0x99: "permanent", 0x95: "permanent" },
  },
  pubcomp: { 0x00: "ok", 0x92: "transient" },
  suback: {
    ...{ 0x00: "config", 0x01: "ok", 0x02: "config", 0x80: "transient" },
    ...{ 0x83: "transient", 0x87: "slow", 0x8f: "config", 0x91: "transient" },
    ...{ 0x97: "slow", 0x9e: "config", 0xa1: "config", 0xa2: "config" },
  },
  disconnect: {
    ...{ 0x00: "transient", 0x80: "transient", 0x81: "suspect" },
    ...{ 0x82: "suspect", 0x83: "transient", 0x87: "suspect" },
    ...{ 0x89: "transient", 0x8b: "transient", 0x8d: "at-once" },
    ...{ 0x8e: "slow", 0x8f: "config", 0x90: "suspect", 0x93: "limit" },
    ...{ 0x94: "suspect", 0x95: "suspect", 0x96: "limit", 0x97: "limit" },
    ...{ 0x98: "transient", 0x99: "suspect", 0x9a: "suspect" },
    ...{ 0x9b: "suspect", 0x9c: "redirect", 0x9d: "redirect" },
    ...{ 0x9e: "config", 0x9f: "limit", 0xa0: "at-once", 0xa1: "config" },
    ...{ 0xa2: "config" },
  },
};

const rows = (packet: ReasonPacket) =>
  Object.entries(expected[packet]).map(
    ([code, kind]): [number, ReasonClass] => [Number(code), kind],
  );
const name = (code: number) =>
  `MQTT_0x${code.toString(16).toUpperCase().padStart(2, "0")}`;

/** What a class means for a message, and whether the connection survives. */
const outcomes: Readonly<Partial<Record<ReasonClass, Partial<Outcome>>>> = {
  ok: { kind: "delivered" },
  transient: { kind: "retry" },
  slow: { kind: "deferred", afterMs: 60_000 },
  limit: { kind: "deferred", afterMs: 5_000 },
  permanent: { kind: "dead" },
  reset: { kind: "unknown" },
};

test.each(Object.keys(expected) as ReasonPacket[])(
  "the table has every code of %s, with a name, a class and a section",
  (packet) => {
    const table = Object.fromEntries(
      Object.entries(REASONS[packet]).map((
        [code, reason],
      ) => [code, reason.class]),
    );
    expect(table).toEqual(expected[packet]);
    for (const reason of Object.values(REASONS[packet])) {
      expect(reason.name).not.toBe("");
      expect(reason.section ?? "§").toContain("§");
    }
  },
);

describe.each([["puback", 1], ["pubrec", 2]] as const)("%s", (packet, qos) => {
  test("with each of the 256 codes is an outcome, and delivery for two of them only", async () => {
    for (let code = 0; code < 256; code++) {
      const { connection } = await line({ answer: () => code });
      const kind = expected[packet][code] ?? "transient";
      const outcome = await connection.send(sampleMessage({ qos }));
      expect(outcome, name(code)).toMatchObject(outcomes[kind]!);
      if ("failure" in outcome) {
        expect(outcome.failure.code).toBe(name(code));
        expect(outcome.failure.advice)
          .toBe(kind === "limit" ? "limit" : undefined);
      }
      const isForeign = !REASONS[packet][code]?.section;
      const ends = isForeign || kind === "reset";
      if (ends) {
        const failure = await connection.closed;
        expect(failure).toMatchObject({
          code: name(code),
          advice: kind === "permanent" ? "at-once" : "soon",
        });
      }
      await connection.close();
    }
  });

  test("says why, shortened and on one line", async () => {
    const text = `no\r\n\u202e${"x".repeat(300)}`;
    const { connection } = await line({ answer: () => ({ code: 0x97, text }) });
    const outcome = await connection.send(sampleMessage({ qos }));
    expect(outcome).toMatchObject({ kind: "deferred", afterMs: 5_000 });
    const { reason } = "failure" in outcome ? outcome.failure : { reason: "" };
    expect(reason).toMatch(
      /^Quota exceeded: no\\u\{000d\}\\u\{000a\}\\u\{202e\}x+…$/,
    );
    expect(reason.length).toBeLessThanOrEqual(256);
  });

  test("that nobody subscribed is a delivery that is told", async () => {
    const { connection } = await line({ answer: () => 0x10 });
    expect(await connection.send(sampleMessage({ qos })))
      .toEqual({ kind: "delivered", unheard: true });
  });
});

describe("pubcomp", () => {
  test.each([
    ...rows("pubcomp"),
    [0x80, "transient"],
    // Success by its number, but PUBCOMP has no such code.
    [0x10, "transient"],
  ] as [number, ReasonClass][])(
    "with code %s is for the message: %s",
    async (code, kind) => {
      const { connection } = await line({ complete: () => code });
      const outcome = await connection.send(sampleMessage({ qos: 2 }));
      expect(outcome).toMatchObject(outcomes[kind]!);
    },
  );

  test("of a refused message is not waited for", async () => {
    const { broker, connection } = await line({ answer: () => 0x99 });
    const outcome = await connection.send(sampleMessage({ qos: 2 }));
    expect(outcome.kind).toBe("dead");
    expect(broker.released).toEqual([]);
  });
});

/** What a class of CONNACK or DISCONNECT asks for, where nothing is referred to. */
function advice(kind: ReasonClass, code: number): string {
  if (kind === "redirect") return code === 0x9d ? "config" : "soon";
  return kind === "transient" ? "soon" : kind;
}

describe("connack", () => {
  test.each(rows("connack").filter(([, kind]) => kind !== "ok"))(
    "with code %s is an error that advises: %s",
    async (code, kind) => {
      const broker = await brokerWith({ welcome: { code } });
      const error = await connectTo(broker).catch((thrown) => thrown);
      expect(error).toBeInstanceOf(TransportError);
      expect(error.message).toContain(name(code));
      expect(error.advice).toBe(advice(kind, code));
    },
  );

  test.each([1, 2, 3, 4, 5])(
    "of 3.1.1 with code %s is an error that advises the same",
    async (code) => {
      const broker = await brokerWith({ protocol: 4, welcome: { code } });
      const error = await connectTo(broker, { protocol: 4 })
        .catch((thrown) => thrown);
      expect(error.advice).toBe(advice(expected.connack[code]!, code));
    },
  );

  test.each([0x01, 0x84])(
    "with code %s says that the older protocol may help",
    async (code) => {
      const broker = await brokerWith({ welcome: { code } });
      await expect(connectTo(broker)).rejects.toThrow("try protocol: 4");
    },
  );

  test("with a code that nobody knows is tried again soon", async () => {
    const broker = await brokerWith({ welcome: { code: 0xee } });
    await expect(connectTo(broker)).rejects.toMatchObject({ advice: "soon" });
  });

  test.each([0x86, 0x87])(
    "with code %s asks for new credentials the next time",
    async (code) => {
      const broker = await brokerWith({ welcome: { code } });
      let asked = 0;
      const { url } = broker;
      const transport = mqttTransport(url, {
        credentials: () => ({ username: `u${++asked}` }),
      });
      const { signal } = new AbortController();
      for (const username of ["u1", "u2"]) {
        await expect(transport.connect({ identity: "a", signal })).rejects
          .toMatchObject({ advice: "slow" });
        expect(broker.connects.at(-1)).toMatchObject({ username });
      }
    },
  );
});

describe("disconnect", () => {
  test.each(rows("disconnect"))(
    "with code %s and a message on its way advises: %s",
    async (code, kind) => {
      const { broker, connection } = await line({ answer: () => "hold" });
      const sent = connection.send(sampleMessage());
      await eventually(() => broker.published.length === 1, "PUBLISH");
      broker.send(Uint8Array.of(0xe0, 2, code, 0));
      const failure = await connection.closed;
      expect(failure)
        .toMatchObject({ code: name(code), advice: advice(kind, code) });
      const proven = code === 0x87 ? "defer" : "bury";
      expect(failure.onceProven)
        .toBe(kind === "suspect" ? proven : undefined);
      expect(await sent).toEqual({ kind: "unknown" });
    },
  );

  test.each([[0x95, "soon"], [0x87, "slow"]])(
    "with code %s suspects nothing while nothing is on its way",
    async (code, advice) => {
      const { broker, connection } = await line();
      broker.send(Uint8Array.of(0xe0, 2, code, 0));
      expect(await connection.closed).toMatchObject({ advice });
    },
  );

  test("by which another client takes over says so", async () => {
    const { broker, connection } = await line();
    broker.send(Uint8Array.of(0xe0, 2, 0x8e, 0));
    const { reason } = await connection.closed;
    expect(reason).toContain("another client connects with this client id");
  });
});

test("a code that nobody knows costs its own message an attempt, and no other", async () => {
  const { broker, connection } = await line({ answer: () => "hold" });
  const sends = [1, 2, 3, 4].map((seq) =>
    connection.send(sampleMessage({ seq }))
  );
  await eventually(() => broker.published.length === 4, "all messages");
  const ids = broker.published.map((each) => each.messageId!);
  const puback = (
    id: number,
    code: number,
  ) => [0x40, 3, id >> 8, id & 255, code];
  broker.send(Uint8Array.from([
    ...puback(ids[0]!, 0x00),
    ...puback(ids[1]!, 0xee),
    ...puback(ids[2]!, 0x00),
  ]));
  expect(await Promise.all(sends)).toMatchObject([
    { kind: "delivered" },
    { kind: "retry", failure: { code: "MQTT_0xEE" } },
    { kind: "delivered" },
    { kind: "unknown" },
  ]);
  expect(await connection.closed).toMatchObject({ code: "MQTT_0xEE" });
});

describe("an override", () => {
  test("of an answer counts, for its own packet", async () => {
    const reasonCodes = { puback: { 0x87: "permanent" } } as const;
    const { connection } = await line({ answer: () => 0x87 }, { reasonCodes });
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "dead" });
    expect(await connection.send(sampleMessage({ qos: 2 })))
      .toMatchObject({ kind: "deferred" });
  });

  test("of CONNACK and DISCONNECT counts, also written as text", async () => {
    const reasonCodes = {
      connack: { "0x88": "config" },
      disconnect: { 0x8b: "at-once" },
    } as const;
    const refusing = await brokerWith({ welcome: { code: 0x88 } });
    await expect(connectTo(refusing, { reasonCodes })).rejects
      .toMatchObject({ advice: "config" });
    const { broker, connection } = await line({}, { reasonCodes });
    broker.send(Uint8Array.of(0xe0, 2, 0x8b, 0));
    expect(await connection.closed).toMatchObject({ advice: "at-once" });
  });

  test.each<[string, unknown, string, RegExp]>([
    ["no object", 7, "reasonCodes", /connack, puback/],
    ["nothing", null, "reasonCodes", /connack, puback/],
    ["an unknown packet", { auth: {} }, "reasonCodes", /suback, disconnect/],
    ["a key of every object", { toString: {} }, "reasonCodes", /connack/],
    ["no classes", { puback: "ok" }, "reasonCodes.puback", /0x00, 0x10/],
    [
      "an unknown code",
      {
        puback: { 0x92: "slow" },
      },
      "reasonCodes.puback",
      /0x00, 0x10, 0x80/,
    ],
    ["no byte", { puback: { 256: "slow" } }, "reasonCodes.puback", /0x99/],
    ["no number", { puback: { x: "slow" } }, "reasonCodes.puback", /0x99/],
    [
      "no class",
      {
        puback: { 0x87: "drop" },
      },
      "reasonCodes.puback[0x87]",
      /^one of slow, transient, permanent/,
    ],
    [
      "a refusal as success",
      {
        puback: { 0x87: "ok" },
      },
      "reasonCodes.puback[0x87]",
      /^one of (?!.*ok)/,
    ],
    [
      "success as a refusal",
      {
        puback: { 0x00: "slow" },
      },
      "reasonCodes.puback[0x00]",
      /^ok$/,
    ],
    [
      "a message's class for CONNACK",
      {
        connack: { 0x87: "permanent" },
      },
      "reasonCodes.connack[0x87]",
      /^one of slow, transient, config$/,
    ],
    [
      "a redirect without a reference",
      {
        disconnect: { 0x89: "redirect" },
      },
      "reasonCodes.disconnect[0x89]",
      /^one of (?!.*redirect)/,
    ],
  ])("that does not do is refused: %s", (_, reasonCodes, field, required) => {
    const options = { reasonCodes } as MqttTransportOptions;
    let error: unknown;
    try {
      mqttTransport("mqtt://broker", options);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: "INVALID_OPTION", field });
    expect((error as InputError).required).toMatch(required);
  });
});
