/**
 * Round trip: what is read is what was enqueued, to the byte.
 */

import type { NewMessage } from "@mailboat/outbox";
import { describe, expect, test } from "vitest";
import { adapters, createRig, everything, message } from "./rig.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const allBytes = Uint8Array.from({ length: 1_024 }, (_, at) => at % 256);

const cases: Readonly<Record<string, Partial<NewMessage>>> = {
  "an ordinary message": {},
  "an empty payload": { payload: new Uint8Array() },
  "every byte": { payload: allBytes },
  "bytes that begin with U+0000": { payload: Uint8Array.of(0, 0, 1, 0) },
  "bytes that are no UTF-8": { payload: Uint8Array.of(0xff, 0xc0, 0x80, 0xed) },
  "a payload that is part of a larger buffer": {
    payload: allBytes.subarray(10, 20),
  },
  "U+0000 in a string of its JSON": { payload: bytes('{"a":"\\u0000"}') },
  "a megabyte": { payload: new Uint8Array(2 ** 20).fill(0xa5) },
  "quotes and line ends": {
    event: `it's "quoted"`,
    topic: "a'b\"c`d\\e\r\n?",
    key: `'; DROP TABLE "mailboat_message"; --`,
    headers: { "x-'\"\\": `v'"\\\n` },
  },
  "emoji and other planes": {
    event: "⛵",
    topic: "порт/港/⚓️",
    key: "👩‍👩‍👧‍👦",
    headers: { "⛵": "𝕊𝕒𝕚𝕝" },
    payload: bytes('{"⛵":"港"}'),
  },
  "a very long key": { key: "k".repeat(100_000), topic: "t".repeat(65_535) },
  "no key": { key: null },
  "an empty key": { key: "" },
  "a key that looks like a number": { key: "007", id: "1e3" },
  "another media type": { contentType: "application/octet-stream" },
  "headers": { headers: { traceparent: "00-ab-cd-01", __proto__x: "y" } },
  "a header with the name of a property": {
    headers: JSON.parse('{"__proto__":"a","constructor":"b","toString":"c"}'),
  },
  "a response topic and correlation data": {
    responseTopic: "answers/⚓️",
    correlationData: allBytes,
  },
  "empty correlation data": { correlationData: new Uint8Array() },
  "quality of service 2, retained, skipping": {
    qos: 2,
    retain: true,
    onDead: "skip",
  },
  "holding": { onDead: "hold" },
  "a chosen id": { id: "order-1", chosenId: true },
  "a time before 1970": { enqueuedAtMs: -1 },
  "the shortest time to live": { ttlMs: 1 },
  "the longest time to live": { ttlMs: 315_360_000_000 },
  "the last time there is": { enqueuedAtMs: 8_640_000_000_000_000 },
};

/** Typed arrays are slow to compare. */
const shown = <T extends { payload: Uint8Array }>(one: T | undefined) =>
  one && { ...one, payload: Buffer.from(one.payload).toString("base64") };

describe.each(adapters)("round trip through $name", (adapter) => {
  test.each(Object.entries(cases))("%s", async (_, given) => {
    const rig = await createRig(adapter);
    const sent = message(given);
    const { chosenId: _chosen, counted: _counted, ...kept } = sent;
    await rig.commit(message(), sent, message());
    const { messages } = await (await rig.open()).read(everything);
    expect(messages).toHaveLength(3);
    expect(shown(messages[1])).toEqual(
      shown({ ...kept, seq: 2, position: null }),
    );
    expect(messages[1]?.payload).toBeInstanceOf(Uint8Array);
    expect(Object.keys(messages[1]?.headers ?? {}))
      .toEqual(Object.keys(sent.headers));
  });

  test("empty payloads and nothing else", async () => {
    const rig = await createRig(adapter);
    const empty = () => message({ payload: new Uint8Array() });
    await rig.commit(empty());
    await rig.commit(empty(), empty());
    const { messages } = await (await rig.open()).read(everything);
    expect(messages.map(({ payload }) => payload.byteLength))
      .toEqual([0, 0, 0]);
  });

  test("all of them in one call", async () => {
    const rig = await createRig(adapter);
    const sent = Object.values(cases).map((given, at) =>
      message({ ...given, id: `case-${at}` })
    );
    await rig.commit(...sent);
    const { messages } = await (await rig.open()).read(everything);
    const expected = sent.map((
      { chosenId: _, counted: _counted, ...kept },
      at,
    ) => ({
      ...kept,
      seq: at + 1,
      position: null,
    }));
    expect(messages.map(shown)).toEqual(expected.map(shown));
  });

  test("keys that differ by case only are different lanes", async () => {
    const rig = await createRig(adapter);
    const keys = ["a", "A", "ä", "Ä", "a ", "a"];
    await rig.commit(...keys.map((key) => message({ key })));
    const store = await rig.open();
    for (const key of keys) {
      const lane = { ...everything, key, upTo: 100 };
      const page = await store.readLane(lane);
      expect(page.messages.map((one) => one.key))
        .toEqual(keys.filter((one) => one === key));
    }
  });

  test("a message in memory does not keep its page there", async () => {
    const rig = await createRig(adapter);
    await rig.commit(message(), message({ payload: new Uint8Array(100_000) }));
    const { messages: [small] } = await (await rig.open()).read(everything);
    expect(small?.payload.buffer.byteLength).toBe(small?.payload.byteLength);
  });

  test("a lease that was taken before 1970", async () => {
    const store = await (await createRig(adapter)).open();
    const unheld = { epoch: 0, beat: 0 };
    await store
      .acquire({ owner: "a", leaseMs: 500, nowMs: -1_000, expect: unheld });
    const { lease } = await store.survey();
    expect(lease).toMatchObject({ owner: "a", renewedAtMs: -1_000 });
  });
});

test("text that is no UTF-8 harms neither the process nor other messages", async () => {
  const rig = await createRig();
  await rig.commit(message(), message(), message());
  await rig.client.execute(
    `UPDATE mailboat_message SET topic = CAST(x'61ff62' AS TEXT) WHERE seq = 2`,
  );
  const { messages } = await (await rig.open()).read(everything);
  expect(messages.map(({ topic }) => topic))
    .toEqual(["meters/m-1", "a\ufffdb", "meters/m-1"]);
  expect(messages.map(({ damage }) => damage)).toEqual([
    undefined,
    "Its row was damaged by somebody else: topic",
    undefined,
  ]);
});

test.each([
  ["headers that are no JSON", "headers = '{'", "headers"],
  ["headers that are no map", "headers = '[1]'", "headers"],
  ["bytes in place of text", "topic = x'00'", "topic"],
  ["no bytes in place of text", "topic = x''", "topic"],
  ["bytes in place of a key", "key = x'ff'", "key"],
  ["text in place of a number", "qos = 'x'", "qos"],
  ["text in place of bytes, of another length", "payload = 'ä'", "payload"],
  ["a mark that is none", "done = 7", "done"],
])("%s are told, and harm no other message", async (_, assignment, column) => {
  const rig = await createRig();
  await rig.commit(message(), message(), message());
  await rig.client.execute(
    `UPDATE mailboat_message SET ${assignment} WHERE seq = 2`,
  );
  const { messages } = await (await rig.open()).read(everything);
  expect(messages.map(({ damage }) => damage)).toEqual([
    undefined,
    `Its row was damaged by somebody else: ${column}`,
    undefined,
  ]);
});
