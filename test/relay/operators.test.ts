import type { StorageBase } from "@mailboat/outbox";
import { createFaultyStorage } from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import {
  changedStorage,
  createRig,
  publish,
  refusing,
  stop,
} from "../support/relay_rig.ts";

test("letters brought back one by one while the broker is away all go out, in order", async () => {
  const bad = new Set(["a:1", "a:2", "a:3"]);
  const rig = await createRig({
    onDead: "skip",
    broker: { answer: refusing((entry) => bad.has(entry) ? "dead" : null) },
  });
  rig.publish("a", "a", "a");
  const running = rig.relay.run();
  await rig.clock.advance(2_000);
  bad.clear();
  rig.broker.down();
  rig.publish("a");
  const store = await rig.storage.open();
  for (const id of ["a:1", "a:2", "a:3"]) {
    await store.retryDead({ id });
    await rig.clock.advance(3_000);
  }
  rig.broker.up();
  await rig.clock.advance(120_000);
  expect(rig.seen()).toEqual(["a:1", "a:2", "a:3", "a:4"]);
  await stop(rig, running);
});

test.each(["retry", "deferred", "dead"] as const)(
  "a letter brought back while a later message is under way goes out although that one is %s",
  async (fate) => {
    const bad = new Set(["a:1"]);
    const rig = await createRig({
      retry: () => ({ kind: "retry", afterMs: 1_000 }),
      broker: {
        answer: refusing((entry, n) =>
          bad.has(entry) ? "dead" : entry === "a:2" && n === 1 ? fate : null
        ),
      },
      onDead: "skip",
    });
    rig.publish("a");
    const running = rig.relay.run();
    await rig.clock.advance(1_000);
    rig.broker.hang("arrival");
    rig.publish("a", "a");
    await rig.clock.advance(1_000);
    bad.clear();
    const store = await rig.storage.open();
    await store.retryDead({ id: "a:1" });
    await rig.clock.advance(2_000);
    rig.broker.release();
    await rig.clock.advance(60_000);
    const seen = rig.seen();
    expect(seen).toContain("a:1");
    expect(seen.at(-1)).toBe("a:3");
    await stop(rig, running);
  },
);

test("a discard between a settle in doubt and its repetition leaves nothing held", async () => {
  const plain = await createRig();
  let fail = false;
  const storage: StorageBase = createFaultyStorage(
    plain.storage,
    (operation) => operation === "settle" && fail ? "after" : "ok",
  );
  const { storage: memory, clock: virtual } = plain;
  const rig = await createRig({
    memory,
    virtual,
    storage,
    broker: { answer: refusing((entry) => entry === "a:1" ? "dead" : null) },
  });
  rig.publish("a", "a");
  fail = true;
  const running = rig.relay.run();
  await rig.clock.runUntil(() => memory.snapshot().failures.length === 1);
  const store = await memory.open();
  await store.discardDead({ key: "a" });
  fail = false;
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["a:2"]);
  expect(rig.relay.status().held.count).toBe(0);
  await stop(rig, running);
});

test("any number of skipped or keyless dead letters leaves room for what can be delivered", async () => {
  for (const key of ["skipped", null]) {
    let isBad = true;
    const rig = await createRig({
      maxSetAside: 10,
      onDead: "skip",
      broker: { answer: refusing(() => isBad ? "dead" : null) },
    });
    rig.publish(...Array.from({ length: 50 }, () => key));
    const running = rig.relay.run();
    await rig.clock.advance(60_000);
    isBad = false;
    rig.publish("b", "c");
    await rig.clock.advance(60_000);
    expect(rig.seen()).toEqual(["b:1", "c:1"]);
    expect(rig.relay.status().saturated).toBe(false);
    await stop(rig, running);
  }
});

test("with more waiting messages than it may track a new relay delivers them all, and says that it is full", async () => {
  let isBad = true;
  const rig = await createRig({
    maxSetAside: 10,
    retry: () => ({ kind: "retry", afterMs: 5_000 }),
    broker: { answer: refusing(() => isBad ? "retry" : null) },
  });
  rig.publish(...Array.from({ length: 200 }, (_, i) => `k${i}`));
  let running = rig.relay.run();
  await rig.clock.advance(30_000);
  expect(rig.relay.status().saturated).toBe(true);
  expect(rig.relay.status().state).toBe("working");
  await stop(rig, running);
  isBad = false;
  running = rig.relay.run();
  await rig.clock.advance(600_000);
  expect(rig.storage.snapshot().messages).toEqual([]);
  await stop(rig, running);
});

test("what came after more refused messages than may be tracked is passed over by nobody", async () => {
  const refused = new Set(["k0:1", "k1:1", "k2:1", "k3:1", "k4:1", "k5:1"]);
  const answer = refusing((entry) => refused.has(entry) ? "retry" : null);
  const retry = () => ({ kind: "retry", afterMs: 5_000 }) as const;
  const first = await createRig({ broker: { answer }, retry });
  first.publish("k0", "k1", "k2", "k3", "k4", "k5");
  let running = first.relay.run();
  await first.clock.advance(1_000);
  await stop(first, running);
  const { storage: memory, clock: virtual } = first;
  const second = await createRig({ memory, virtual, maxSetAside: 3 });
  second.publish("x", "y", "z", null);
  running = second.relay.run();
  await virtual.advance(60_000);
  expect(second.relay.status().state).toBe("idle");
  expect(memory.snapshot().messages).toEqual([]);
  expect(second.of("lease.acquired")).toHaveLength(1);
  await stop(second, running);
});

test("a letter brought back before a dead one lets nothing pass that one, with a store that stops at the last row it takes", async () => {
  const bad = new Set(["a:1", "a:2"]);
  const plain = await createRig();
  const storage = changedStorage(plain.storage, (store) => {
    const readLane = store.readLane.bind(store);
    store.readLane = async (request) => {
      const page = await readLane(request);
      const last = page.messages.at(-1);
      return last === undefined || page.messages.length < request.limit
        ? page
        : { ...page, scannedTo: last.seq, end: false };
    };
  });
  const { storage: memory, clock: virtual } = plain;
  const answer = refusing((entry) => bad.has(entry) ? "dead" : null);
  const rig = await createRig({ memory, virtual, storage, broker: { answer } });
  publish(rig.storage, ["a"], { onDead: "skip" });
  rig.publish("b", "a", "a");
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  bad.delete("a:1");
  const store = await rig.storage.open();
  await store.retryDead({ id: "a:1" });
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["b:1", "a:1"]);
  expect(rig.relay.status().held.count).toBe(1);
  bad.delete("a:2");
  await store.retryDead({ id: "a:2" });
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["b:1", "a:1", "a:2", "a:3"]);
  await store.close();
  await stop(rig, running);
});

test("letters brought back at once, more than may be tracked, leave no record behind", async () => {
  let isBad = true;
  const rig = await createRig({
    maxSetAside: 2,
    onDead: "skip",
    broker: { answer: refusing(() => isBad ? "dead" : null) },
  });
  rig.publish("a", "a", "a", "a", "a", "a");
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  isBad = false;
  const store = await rig.storage.open();
  await store.retryDead({});
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["a:1", "a:2", "a:3", "a:4", "a:5", "a:6"]);
  expect(rig.storage.snapshot().failures).toEqual([]);
  await store.close();
  await stop(rig, running);
});
