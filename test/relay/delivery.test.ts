import type { Clock } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { createRig, disorder, publish, stop } from "../support/relay_rig.ts";

test("everything committed is delivered, in order per key, and leaves nothing behind", async () => {
  const rig = await createRig({ broker: { acknowledgeMs: 5 } });
  for (let round = 0; round < 20; round++) {
    rig.publish("a", "b", "c", "a", null);
  }
  const running = rig.relay.run();
  await rig.clock.runUntil(() => rig.storage.snapshot().messages.length === 0);
  expect(rig.seen()).toHaveLength(100);
  expect(disorder(rig.seen().filter((entry) => !entry.startsWith("-"))))
    .toEqual([]);
  expect(new Set(rig.seen()).size).toBe(100);
  await stop(rig, running);
  expect(rig.clock.pending).toBe(0);
});

test("at most one message of a key is on its way, many keys are", async () => {
  const rig = await createRig({ broker: { window: 100 } });
  rig.broker.hang();
  for (let round = 0; round < 5; round++) rig.publish("a", "b", "c");
  const running = rig.relay.run();
  await rig.clock.advance(100);
  expect(rig.seen()).toEqual(["a:1", "b:1", "c:1"]);
  rig.broker.release();
  await rig.clock.runUntil(() => rig.seen().length === 15);
  expect(disorder(rig.seen())).toEqual([]);
  await stop(rig, running);
});

test("the successor leaves only after the outcome of its predecessor is recorded", async () => {
  const rig = await createRig();
  const unsettled = new Set<string>();
  rig.publish("a", "a", "a");
  const running = rig.relay.run();
  await rig.clock.runUntil(() => {
    const waiting = rig.storage.snapshot().messages.map(({ id }) => id);
    for (const id of rig.seen()) if (waiting.includes(id)) unsettled.add(id);
    return rig.seen().length === 3;
  });
  for (const { message } of rig.broker.received) {
    const later = rig.broker.received.filter((arrival) =>
      arrival.message.seq > message.seq
    );
    expect(later.every((arrival) => arrival.atMs >= 0)).toBe(true);
  }
  const settledBefore = rig.events.flatMap((event, at) =>
    event.type === "message.delivered" && event.message.id !== "a:1"
      ? [
        rig.events.slice(0, at).filter(({ type }) => type === "settled").length,
      ]
      : []
  );
  expect(settledBefore).toEqual([1, 2]);
  await stop(rig, running);
});

test("the window of the connection is respected", async () => {
  const rig = await createRig({ broker: { window: 7, acknowledgeMs: 10 } });
  rig.publish(...Array.from({ length: 50 }, (_, i) => `k${i}`));
  const running = rig.relay.run();
  await rig.clock.runUntil(() => {
    expect(rig.broker.inFlight).toBeLessThanOrEqual(7);
    return rig.seen().length === 50;
  });
  expect(rig.broker.overruns).toBe(0);
  await stop(rig, running);
});

test("a local hint is enough: without polling, a message goes out at once", async () => {
  const rig = await createRig({ pollMs: 60_000 });
  const running = rig.relay.run();
  await rig.clock.advance(120_000);
  rig.publish("a");
  await rig.clock.idle();
  await rig.clock.advance(10);
  expect(rig.seen()).toEqual(["a:1"]);
  await stop(rig, running);
});

test("without any hint the poll finds it", async () => {
  const { createMemoryStorage } = await import("@mailboat/outbox/testing");
  const rig = await createRig({
    memory: createMemoryStorage({ watch: false }),
    pollMs: 500,
  });
  const running = rig.relay.run();
  await rig.clock.advance(10_000);
  rig.publish("a");
  await rig.clock.advance(501);
  expect(rig.seen()).toEqual(["a:1"]);
  await stop(rig, running);
});

test("a backlog larger than memory is read in pages, bounded by number and bytes", async () => {
  const rig = await createRig({
    readBatch: 10,
    laneDepth: 4,
    broker: { acknowledgeMs: 3 },
  });
  const keys = Array.from(
    { length: 300 },
    (_, i) => i % 3 === 0 ? "hot" : `k${i % 7}`,
  );
  rig.publish(...keys);
  const running = rig.relay.run();
  await rig.clock.runUntil(() => {
    expect(rig.relay.status().queued).toBeLessThanOrEqual(10 + 10);
    return rig.seen().length === 300;
  });
  expect(disorder(rig.seen())).toEqual([]);
  await stop(rig, running);
});

test("a hot key does not keep the others waiting", async () => {
  const rig = await createRig({
    readBatch: 16,
    laneDepth: 4,
    broker: { acknowledgeMs: 50 },
  });
  rig.publish(...Array.from({ length: 500 }, () => "hot"), "other");
  const running = rig.relay.run();
  await rig.clock.runUntil(() => rig.seen().includes("other:1"));
  expect(rig.seen().filter((entry) => entry.startsWith("hot")).length)
    .toBeLessThan(10);
  await stop(rig, running);
});

test("lanes that lag behind and messages of new keys are read by turns", async () => {
  const options = { readBatch: 8, laneDepth: 1, broker: { window: 4 } };
  const busy = await createRig(options);
  const keys = Array.from({ length: 8 }, (_, at) => `k${at}`);
  for (let round = 0; round < 20; round++) busy.publish(...keys);
  busy.publish("new");
  let running = busy.relay.run();
  await busy.clock.advance(5_000);
  expect(busy.seen()).toHaveLength(161);
  expect(busy.seen().indexOf("new:1")).toBeLessThan(80);
  await stop(busy, running);

  const broad = await createRig(options);
  broad.publish("a", "a", "a", "a");
  broad.publish(...Array.from({ length: 400 }, (_, at) => `k${at}`));
  running = broad.relay.run();
  await broad.clock.advance(5_000);
  expect(broad.seen()).toHaveLength(404);
  expect(broad.seen().indexOf("a:4")).toBeLessThan(200);
  await stop(broad, running);
});

test("timers and sockets get a turn after every burst", async () => {
  const plain = await createRig();
  let sent = 0;
  let most = 0;
  const clock: Clock = {
    nowMs: () => plain.clock.nowMs(),
    monotonicMs: () => plain.clock.monotonicMs(),
    sleep: (ms, signal) => plain.clock.sleep(ms, signal),
    turn: () => {
      sent = 0;
      return plain.clock.turn();
    },
  };
  const { storage: memory, clock: virtual } = plain;
  const rig = await createRig({
    memory,
    virtual,
    clock,
    burst: 4,
    broker: {
      window: 64,
      answer: () => {
        most = Math.max(most, ++sent);
        return { kind: "delivered" };
      },
    },
  });
  rig.publish(...Array.from({ length: 50 }, () => null));
  const running = rig.relay.run();
  await virtual.advance(1_000);
  expect(rig.seen()).toHaveLength(50);
  expect(most).toBe(4);
  await stop(rig, running);
});

test("payloads in memory are bounded in bytes, also while nothing leaves", async () => {
  const rig = await createRig({ readAheadBytes: 100 });
  rig.broker.down();
  const payload = new Uint8Array(40);
  for (let at = 0; at < 50; at++) {
    publish(rig.storage, [`k${at}`], { payload });
  }
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  expect(rig.relay.status().queued).toBeLessThanOrEqual(4);
  rig.broker.up();
  await rig.clock.advance(60_000);
  expect(rig.seen()).toHaveLength(50);
  await stop(rig, running);
});

test("an idle relay writes nothing and lets its lease lapse", async () => {
  const rig = await createRig({ leaseMs: 1_000 });
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(100);
  const store = await rig.storage.open();
  const before = (await store.survey()).lease;
  await rig.clock.advance(3_600_000);
  expect((await store.survey()).lease).toEqual(before);
  expect(rig.relay.status().state).toBe("idle");
  rig.publish("a");
  await rig.clock.advance(50);
  expect(rig.seen()).toEqual(["a:1", "a:2"]);
  await store.close();
  await stop(rig, running);
});
