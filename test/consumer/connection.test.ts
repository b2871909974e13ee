import { expect, it } from "vitest";
import { consumerRig, reading } from "./consumer_rig.ts";

it("connects again, and handles once what was under way", async () => {
  const release: (() => void)[] = [];
  const rig = await consumerRig({
    handler: {
      prepare: () => new Promise<void>((resolve) => release.push(resolve)),
      act: (tx, { id }) => tx.put("reading", id, {}),
    },
  });
  rig.subscriber.publish(reading("a", 1));
  rig.subscriber.publish(reading("a", 2));
  await rig.pass();
  rig.subscriber.cut();
  await rig.pass(5_000);
  expect(rig.subscriber.connected).toBe(true);
  for (let n = 0; n < 4; n++) {
    for (const resolve of release) resolve();
    await rig.pass(10);
  }
  expect(rig.subscriber.waiting).toEqual([]);
  expect(rig.consumer.status().counters)
    .toMatchObject({ handled: 2, duplicates: 1 });
});

it("waits for a broker that is away, and takes in what it kept", async () => {
  const rig = await consumerRig();
  rig.subscriber.reachable = false;
  rig.subscriber.cut();
  rig.subscriber.publish(reading("a", 1));
  await rig.pass(3_600_000);
  expect(rig.consumer.status().link.kind).toBe("waiting");
  rig.subscriber.reachable = true;
  await rig.pass(60_000);
  expect(rig.written).toEqual(["a 1"]);
});

it("connects at once when the network is said to be back", async () => {
  const rig = await consumerRig();
  rig.subscriber.reachable = false;
  rig.subscriber.cut();
  await rig.pass(3_600_000);
  rig.subscriber.reachable = true;
  rig.consumer.online();
  await rig.pass(1);
  expect(rig.subscriber.connected).toBe(true);
});

it("takes no more than its window", async () => {
  const rig = await consumerRig({
    handler: {
      prepare: () => new Promise<void>(() => {}),
      act: () => {},
    },
  });
  for (let n = 0; n < 20; n++) rig.subscriber.publish(reading(`m-${n}`, n));
  await rig.pass();
  expect(rig.consumer.status()).toMatchObject({ pending: 8, underway: 8 });
});

it("stops when what is under way has ended, and begins nothing new", async () => {
  const release: (() => void)[] = [];
  const rig = await consumerRig({
    concurrency: 1,
    handler: {
      prepare: () => new Promise<void>((resolve) => release.push(resolve)),
      act: (tx, { id }) => tx.put("reading", id, {}),
    },
  });
  rig.subscriber.publish(reading("a", 1));
  rig.subscriber.publish(reading("b", 1));
  await rig.pass();
  const stopping = rig.consumer.stop();
  await rig.pass();
  expect(rig.consumer.status().state).toBe("stopping");
  for (const resolve of release) resolve();
  await rig.pass();
  await stopping;
  expect(rig.consumer.status().state).toBe("stopped");
  expect(rig.storage.rows("reading").size).toBe(1);
  expect(rig.subscriber.acknowledged).toHaveLength(1);
  expect(rig.subscriber.waiting).toHaveLength(1);
  expect(rig.events.at(-1)).toEqual({ type: "stopped" });
});

it("stops in time though a handler hangs", async () => {
  const rig = await consumerRig({
    handler: {
      prepare: () => new Promise<void>(() => {}),
      act: () => {},
    },
  });
  rig.subscriber.publish(reading("a", 1));
  await rig.pass();
  const stopping = rig.consumer.stop({ graceMs: 500 });
  await rig.pass(499);
  expect(rig.consumer.status().state).toBe("stopping");
  await rig.pass(1);
  await stopping;
  expect(rig.subscriber.connected).toBe(false);
});

it("refuses to run twice at a time", async () => {
  const rig = await consumerRig();
  await expect(rig.consumer.run())
    .rejects.toMatchObject({ code: "CONSUMER_RUNNING" });
});

it("tells once of a handler that takes long, and leaves it alone", async () => {
  const release: (() => void)[] = [];
  const rig = await consumerRig({
    slowHandlerMs: 5_000,
    handler: {
      prepare: ({ id }) =>
        id === "a 1"
          ? new Promise<void>((resolve) => release.push(resolve))
          : undefined,
      act: (tx, { id }) => tx.put("reading", id, {}),
    },
  });
  rig.subscriber.publish(reading("a", 1));
  rig.subscriber.publish(reading("b", 1));
  await rig.pass(4_999);
  const slow = () => rig.events.filter(({ type }) => type === "message.slow");
  expect(slow()).toEqual([]);
  await rig.pass(60_000);
  expect(slow()).toEqual([{
    type: "message.slow",
    message: expect.objectContaining({ id: "a 1", key: "a" }),
    afterMs: 5_000,
  }]);
  release[0]!();
  await rig.pass();
  expect(rig.consumer.status().counters).toMatchObject({
    handled: 2,
    failed: 0,
  });
});
