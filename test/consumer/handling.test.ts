import { expect, it } from "vitest";
import { consumerRig, reading } from "./consumer_rig.ts";

it("acknowledges after the commit, and not before", async () => {
  const rig = await consumerRig({
    handler: (tx, { id }) => {
      tx.put("reading", id, {});
      expect(rig.subscriber.acknowledged).toEqual([]);
      expect(rig.storage.rows("reading").size).toBe(0);
    },
  });
  rig.subscriber.publish(reading("m-1", 1));
  await rig.pass();
  expect(rig.storage.rows("reading").size).toBe(1);
  expect(rig.subscriber.acknowledged).toHaveLength(1);
  expect(rig.consumer.status().counters.handled).toBe(1);
});

it("handles a message once, however often it is delivered", async () => {
  const rig = await consumerRig();
  for (let n = 0; n < 3; n++) rig.subscriber.publish(reading("m-1", 1));
  await rig.pass();
  expect(rig.written).toEqual(["m-1 1"]);
  expect(rig.subscriber.acknowledged).toHaveLength(3);
  expect(rig.consumer.status().counters)
    .toMatchObject({ handled: 1, duplicates: 2 });
});

it("handles each key in order while others go on", async () => {
  const release: (() => void)[] = [];
  const started: string[] = [];
  const rig = await consumerRig({
    handler: {
      prepare: ({ id }) => {
        started.push(id);
        return new Promise<void>((resolve) => release.push(resolve));
      },
      act: (tx, { id }) => tx.put("reading", id, {}),
    },
  });
  for (const [meter, kwh] of [["a", 1], ["a", 2], ["b", 1]] as const) {
    rig.subscriber.publish(reading(meter, kwh));
  }
  await rig.pass();
  expect(started).toEqual(["a 1", "b 1"]);
  release.shift()!();
  await rig.pass();
  expect(started).toEqual(["a 1", "b 1", "a 2"]);
  for (const resolve of release) resolve();
  await rig.pass();
  expect(rig.subscriber.acknowledged).toHaveLength(3);
});

it("rolls back and tries again what a handler refused, its successors waiting", async () => {
  let failures = 2;
  const order: string[] = [];
  const rig = await consumerRig({
    handler: (tx, { id }) => {
      tx.put("reading", id, {});
      if (id === "a 1" && failures-- > 0) throw new Error("Not now");
      order.push(id);
    },
  });
  rig.subscriber.publish(reading("a", 1));
  rig.subscriber.publish(reading("a", 2));
  rig.subscriber.publish(reading("b", 1));
  await rig.pass();
  expect(order).toEqual(["b 1"]);
  expect([...rig.storage.rows("reading").keys()]).toEqual(["b 1"]);
  await rig.pass(60_000);
  expect(order).toEqual(["b 1", "a 1", "a 2"]);
  expect(rig.consumer.status().counters).toMatchObject({
    handled: 3,
    failed: 2,
    setAside: 0,
  });
});

it("sets aside what fails too often, with its bytes, and goes on", async () => {
  const rig = await consumerRig({
    maxAttempts: 3,
    handler: (tx, { id }) => {
      if (id === "a 1") throw new Error("Never");
      tx.put("reading", id, {});
    },
  });
  const poison = reading("a", 1);
  rig.subscriber.publish(poison);
  rig.subscriber.publish(reading("a", 2));
  await rig.pass(60_000);
  const [letter, ...others] = await rig.consumer.letters();
  expect(others).toEqual([]);
  expect(letter).toMatchObject({
    consumer: "billing",
    topic: "meters/a",
    id: "a 1",
    event: "meter.read",
    code: "HANDLER_FAILED",
    reason: "Never",
    attempts: 3,
    payload: poison.payload,
    properties: poison.properties,
  });
  expect([...rig.storage.rows("reading").keys()]).toEqual(["a 2"]);
  expect(rig.subscriber.waiting).toEqual([]);
  await expect(rig.consumer.retry(letter!.number))
    .rejects.toMatchObject({ code: "LETTER_REFUSED" });
  expect(await rig.consumer.letters()).toHaveLength(1);
  expect(await rig.consumer.discard(letter!.number)).toBe(true);
  expect(await rig.consumer.discard(letter!.number)).toBe(false);
  expect(await rig.consumer.retry(letter!.number)).toBe(false);
});

it("handles a letter in the transaction that removes it", async () => {
  let fails = true;
  const rig = await consumerRig({
    maxAttempts: 1,
    handler: (tx, { id }) => {
      if (fails) throw new Error("Not yet");
      tx.put("reading", id, {});
    },
  });
  rig.subscriber.publish(reading("a", 1));
  await rig.pass();
  fails = false;
  const [letter] = await rig.consumer.letters();
  expect(await rig.consumer.retry(letter!.number)).toBe(true);
  expect(await rig.consumer.letters()).toEqual([]);
  expect(rig.storage.rows("reading").size).toBe(1);
  rig.subscriber.publish(reading("a", 1));
  await rig.pass();
  expect(rig.consumer.status().counters.duplicates).toBe(1);
});

it("sets aside what is no event, and data that the schema refuses, at once", async () => {
  const rig = await consumerRig();
  const bytes = Uint8Array.of(0xff, 0, 1);
  rig.subscriber.publish({ topic: "meters/x", payload: bytes });
  rig.subscriber.publish(reading("a", "many"));
  rig.subscriber.publish(reading("a", 2));
  await rig.pass();
  const letters = await rig.consumer.letters();
  expect(letters.map(({ code }) => code))
    .toEqual(["UNDECODABLE", "INVALID_PAYLOAD"]);
  expect(letters[0]?.payload).toEqual(bytes);
  expect(rig.written).toEqual(["a 2"]);
  expect(rig.subscriber.waiting).toEqual([]);
});

it("sets aside an event whose id no inbox can keep", async () => {
  const rig = await consumerRig();
  rig.subscriber.publish(reading("a", 1, "x".repeat(2_000)));
  await rig.pass();
  const [letter] = await rig.consumer.letters();
  expect(letter).toMatchObject({ code: "INVALID_MESSAGE", attempts: 1 });
});

it("leaves alone the events that it has no handler for", async () => {
  const rig = await consumerRig();
  const other = reading("a", 1);
  const userProperties = {
    ...other.properties?.userProperties,
    type: "meter.moved",
  };
  rig.subscriber.publish({
    ...other,
    properties: { ...other.properties, userProperties },
  });
  await rig.pass();
  expect(rig.consumer.status().counters.ignored).toBe(1);
  expect(rig.subscriber.waiting).toEqual([]);
  expect(await rig.consumer.letters()).toEqual([]);
});

it("loses no message when no more may be set aside", async () => {
  const rig = await consumerRig({ maxLetters: 1 });
  rig.subscriber.publish({ topic: "meters/x", payload: Uint8Array.of(1) });
  rig.subscriber.publish({ topic: "meters/x", payload: Uint8Array.of(2) });
  rig.subscriber.publish(reading("a", 1));
  await rig.pass(1_000);
  expect(await rig.consumer.letters()).toHaveLength(1);
  expect(rig.written).toEqual(["a 1"]);
  expect(rig.subscriber.waiting.map(({ payload }) => payload[0])).toContain(2);
  const [letter] = await rig.consumer.letters();
  await rig.consumer.discard(letter!.number);
  await rig.pass(60_000);
  expect(rig.subscriber.waiting).toEqual([]);
});
