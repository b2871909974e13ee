import type { Codec, EncodedMessage, Message } from "@mailboat/outbox";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { line, outcomesOf } from "../support/mqtt_rig.ts";
import { sampleMessage } from "../support/sample_message.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const messages = (count: number) =>
  Array.from({ length: count }, (_, at) => sampleMessage({ seq: at + 1 }));

/** The sequence of a message and nothing else. */
function contentOf({ seq }: Message): EncodedMessage {
  return { payload: utf8(String(seq)), contentType: null, userProperties: [] };
}

/** A codec that answers when the test says so. */
function heldCodec() {
  const held = new Map<number, {
    readonly give: () => void;
    readonly fail: (error: unknown) => void;
  }>();
  const codec: Codec = {
    encode: (message) =>
      new Promise((resolve, reject) =>
        held.set(message.seq, {
          give: () => resolve(contentOf(message)),
          fail: reject,
        })
      ),
  };
  return { codec, held };
}

describe("a codec of one's own", () => {
  test("decides on all of the content", async () => {
    const format: Codec = {
      encode: ({ id }) => ({
        payload: utf8("<kwh>1</kwh>"),
        contentType: "text/xml",
        userProperties: [["id", id], ["tag", "a"], ["tag", "b"]],
      }),
    };
    const { broker, connection } = await line({}, { format });
    const message = sampleMessage({ topic: "t/1", qos: 2, retain: true });
    expect(await connection.send(message)).toMatchObject({ kind: "delivered" });
    expect(broker.published).toMatchObject([{
      topic: "t/1",
      qos: 2,
      retain: true,
      payload: Buffer.from("<kwh>1</kwh>"),
      properties: {
        contentType: "text/xml",
        userProperties: { id: message.id, tag: ["a", "b"] },
      },
    }]);
  });

  test("may do without a content type and without properties", async () => {
    const { broker, connection } = await line({}, {
      format: { encode: contentOf },
    });
    await connection.send(sampleMessage());
    expect(broker.published[0]?.properties?.contentType).toBeUndefined();
    expect(broker.published[0]?.properties?.userProperties).toBeUndefined();
  });

  test("has its payload sent on MQTT 3.1.1, and nothing else", async () => {
    const format: Codec = {
      encode: () => ({
        payload: utf8("x"),
        contentType: "text/plain",
        userProperties: [["a", "b"]],
      }),
    };
    const { broker, connection } = await line({ protocol: 4 }, { format });
    await connection.send(sampleMessage());
    expect(broker.published[0]?.payload).toEqual(Buffer.from("x"));
    expect(broker.published[0]?.properties).toBeUndefined();
  });

  const nonsense: readonly (readonly [string, unknown])[] = [
    ["nothing", undefined],
    ["a text", "x"],
    ["a text as payload", { ...contentOf(sampleMessage()), payload: "x" }],
    ["no content type at all", { payload: utf8("x"), userProperties: [] }],
    ["a record of properties", {
      ...contentOf(sampleMessage()),
      userProperties: { a: "b" },
    }],
    ["a property that is no pair", {
      ...contentOf(sampleMessage()),
      userProperties: [["a"]],
    }],
    ["a property that is no text", {
      ...contentOf(sampleMessage()),
      userProperties: [["a", 1]],
    }],
  ];
  const failing: readonly (readonly [string, Codec])[] = [
    ["throws", {
      encode: () => {
        throw new Error("no");
      },
    }],
    ["rejects", { encode: () => Promise.reject(new Error("no")) }],
    ...nonsense.map(([what, value]) =>
      [`returns ${what}`, { encode: () => value as EncodedMessage }] as const
    ),
    ...nonsense.map(([what, value]) =>
      [`promises ${what}`, {
        encode: () => Promise.resolve(value as EncodedMessage),
      }] as const
    ),
  ];

  test.each(failing)(
    "that %s costs its message an attempt, and others nothing",
    async (_, bad) => {
      const format: Codec = {
        encode: (message) =>
          message.seq === 2 ? bad.encode(message) : contentOf(message),
      };
      const { broker, connection } = await line({}, { format });
      const sends = messages(3).map((message) => connection.send(message));
      expect(await Promise.all(sends)).toMatchObject([
        { kind: "delivered" },
        { kind: "retry", failure: { code: "NOT_ENCODED" } },
        { kind: "delivered" },
      ]);
      expect(broker.published.map(({ payload }) => String(payload)))
        .toEqual(["1", "3"]);
    },
  );

  test("makes a message dead whose property cannot be sent", async () => {
    const format: Codec = {
      encode: (message) => ({
        ...contentOf(message),
        userProperties: [["a", "\u0000"]],
      }),
    };
    const { connection } = await line({}, { format });
    expect(await connection.send(sampleMessage()))
      .toMatchObject({ kind: "dead", failure: { code: "INVALID_PROPERTY" } });
  });
});

describe("a codec that takes its time", () => {
  test("changes nothing about the order of the calls", async () => {
    const order = fc.shuffledSubarray([1, 2, 3, 4, 5], { minLength: 5 });
    const waits = fc.subarray([1, 2, 3, 4, 5]);
    await fc.assert(
      fc.asyncProperty(order, waits, async (order, waits) => {
        const { codec, held } = heldCodec();
        const format: Codec = {
          encode: (message) =>
            waits.includes(message.seq)
              ? codec.encode(message)
              : contentOf(message),
        };
        const { broker, connection } = await line({}, { format });
        const sends = messages(5).map((message) => connection.send(message));
        for (const seq of order) {
          held.get(seq)?.give();
          await turn();
        }
        await Promise.all(sends);
        expect(broker.published.map(({ payload }) => String(payload)))
          .toEqual(["1", "2", "3", "4", "5"]);
        await connection.close();
        await broker.close();
      }),
      { numRuns: 20 },
    );
  });

  test("holds up what comes after it, and nothing before", async () => {
    const { codec, held } = heldCodec();
    const format: Codec = {
      encode: (message) =>
        message.seq === 2 ? codec.encode(message) : contentOf(message),
    };
    const { broker, connection } = await line({}, { format });
    const sends = messages(3).map((message) => connection.send(message));
    const outcomes = outcomesOf(sends);
    await sends[0];
    await turn();
    expect(outcomes.sofar).toEqual(["delivered", undefined, undefined]);
    expect(broker.published.length).toBe(1);
    held.get(2)!.give();
    await Promise.all(sends);
    expect(outcomes.sofar).toEqual(Array(3).fill("delivered"));
  });

  test("that fails lets those go that wait for it", async () => {
    const { codec, held } = heldCodec();
    const { connection } = await line({}, { format: codec });
    const sends = messages(3).map((message) => connection.send(message));
    held.get(3)!.give();
    held.get(2)!.fail(new Error("no"));
    held.get(1)!.fail(new Error("no"));
    expect((await Promise.all(sends)).map(({ kind }) => kind))
      .toEqual(["retry", "retry", "delivered"]);
  });

  test("keeps to the window with what it has not answered yet", async () => {
    const { codec, held } = heldCodec();
    const { broker, connection } = await line({ answer: () => "hold" }, {
      format: codec,
      window: 2,
    });
    const sends = messages(4).map((message) => connection.send(message));
    const outcomes = outcomesOf(sends);
    await turn();
    expect(outcomes.sofar)
      .toEqual([undefined, undefined, "unavailable", "unavailable"]);
    held.get(1)!.give();
    await eventually(() => broker.published.length === 1, "the message");
    expect(await connection.send(sampleMessage({ seq: 5 })))
      .toEqual({ kind: "unavailable" });
    held.get(2)!.give();
    await eventually(() => broker.published.length === 2, "both messages");
    broker.release();
    await Promise.all(sends);
    expect(broker.peak).toBe(2);
  });

  test.each(["closed", "cut"])(
    "has sent nothing when the connection is %s meanwhile",
    async (how) => {
      const { codec, held } = heldCodec();
      const format: Codec = {
        encode: (message) =>
          message.seq === 1 ? contentOf(message) : codec.encode(message),
      };
      const { broker, connection } = await line(
        { answer: () => "hold" },
        { format },
      );
      const sends = messages(3).map((message) => connection.send(message));
      await eventually(() => broker.published.length === 1, "the message");
      if (how === "closed") await connection.close();
      else broker.cut();
      expect(await Promise.all(sends)).toEqual([
        { kind: "unknown" },
        { kind: "unavailable" },
        { kind: "unavailable" },
      ]);
      held.get(2)!.give();
      held.get(3)!.fail(new Error("no"));
      await turn();
      await turn();
      expect(broker.published.length).toBe(1);
    },
  );
});

test("structured mode on MQTT 5 says so in its content type", async () => {
  const format = "cloudevents-structured";
  const { broker, connection } = await line({}, { format, source: "/s" });
  await connection.send(sampleMessage());
  const [{ payload, properties } = { payload: "" }] = broker.published;
  expect(properties).toEqual({
    contentType: "application/cloudevents+json; charset=utf-8",
  });
  expect(JSON.parse(String(payload))).toMatchObject({
    specversion: "1.0",
    source: "/s",
    data: { kwh: 1 },
  });
});
