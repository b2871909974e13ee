import { expect, test } from "vitest";
import {
  createFaultyStorage,
  createMemoryStorage,
  createSeededRandom,
} from "@mailboat/outbox/testing";
import { createRig, disorder, stop } from "../support/relay_rig.ts";
import { triesOf } from "../support/tries.ts";

const DAY_MS = 86_400_000;

test("while the broker is away nothing is written to disk", async () => {
  const rig = await createRig();
  rig.broker.down();
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  const store = await rig.storage.open();
  const before = (await store.survey()).lease;
  for (const awayMs of [DAY_MS / 24, DAY_MS]) {
    await rig.clock.advance(awayMs);
    expect((await store.survey()).lease).toEqual(before);
  }
  await store.close();
  rig.broker.up();
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["a:1"]);
  await stop(rig, running);
});

test("while the broker is away the relay tries twice a cap, and asks the store twice a poll, at the most", async () => {
  const [pollMs, reconnectCapMs] = [1_000, 30_000];
  const awayMs = DAY_MS / 4;
  const memory = createMemoryStorage();
  let calls = 0;
  const counting = createFaultyStorage(memory, () => {
    calls += 1;
    return "ok";
  });
  const rig = await createRig({
    memory,
    storage: counting,
    pollMs,
    reconnectCapMs,
  });
  rig.broker.down();
  rig.publish("a", "b");
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  const before = { calls, tries: triesOf({ status: rig.relay.status() }) };
  await rig.clock.advance(awayMs);
  const tries = triesOf({ status: rig.relay.status() }) - before.tries;
  expect(tries).toBeGreaterThan(awayMs / reconnectCapMs);
  // Its waits are half the cap on average, and it renews no lease.
  expect(tries).toBeLessThan(awayMs / reconnectCapMs * 2.2);
  expect(calls - before.calls).toBeLessThan(awayMs / pollMs * 2 + 2 * tries);
  expect(rig.of("transport.unavailable")).toHaveLength(1);
  await stop(rig, running);
});

test("a broker that is away for days costs no attempt; then everything is delivered in order", async () => {
  const rig = await createRig({
    retry: () => ({ kind: "dead" }),
    pollMs: 60_000,
  });
  rig.broker.down();
  const running = rig.relay.run();
  for (let day = 0; day < 3; day++) {
    rig.publish("a", "b", "a");
    await rig.clock.advance(DAY_MS);
  }
  expect(rig.seen()).toEqual([]);
  expect(rig.storage.snapshot().failures).toEqual([]);
  rig.broker.up();
  await rig.clock.advance(60_000);
  expect(rig.seen()).toHaveLength(9);
  expect(disorder(rig.seen())).toEqual([]);
  expect(rig.of("message.retry")).toEqual([]);
  await stop(rig, running);
});

test("a connection cut in the middle of a window duplicates at most that window, in order", async () => {
  const window = 8;
  const rig = await createRig({ broker: { window, acknowledgeMs: 20 } });
  for (let i = 0; i < 10; i++) {
    rig.publish("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
  }
  const running = rig.relay.run();
  const cuts = 5;
  for (let cut = 0; cut < cuts; cut++) {
    await rig.clock.runUntil(() => rig.broker.inFlight > 0);
    rig.broker.cut({ onTheWire: "received" });
    await rig.clock.advance(100);
  }
  await rig.clock.runUntil(() => rig.storage.snapshot().messages.length === 0);
  expect(new Set(rig.seen()).size).toBe(100);
  expect(disorder(rig.seen())).toEqual([]);
  expect(rig.seen().length - 100).toBeLessThanOrEqual(cuts * window);
  expect(rig.seen().length).toBeGreaterThan(100);
  expect(rig.of("message.retry")).toEqual([]);
  await stop(rig, running);
});

test("a database that is busy most of the time, or fails before and after its effect, delays and loses nothing", async () => {
  const plain = await createRig();
  const random = createSeededRandom(7);
  const kinds = ["busy", "busy", "before", "after"] as const;
  const storage = createFaultyStorage(
    plain.storage,
    () => random.fraction() < 0.6 ? random.pick(kinds) : "ok",
  );
  const { storage: memory, clock: virtual } = plain;
  const rig = await createRig({ memory, virtual, storage });
  for (let i = 0; i < 30; i++) rig.publish("a", "b", "c");
  const running = rig.relay.run();
  await rig.clock.runUntil(() => memory.snapshot().messages.length === 0, {
    maxMs: 600_000,
  });
  expect(new Set(rig.seen()).size).toBe(90);
  expect(disorder(rig.seen())).toEqual([]);
  expect(rig.of("message.retry")).toEqual([]);
  expect(rig.of("store.failed").length).toBeGreaterThan(5);
  await stop(rig, running);
});

test("wall-clock jumps reorder nothing, expire nothing and wedge nothing", async () => {
  const rig = await createRig({ broker: { acknowledgeMs: 10 } });
  const running = rig.relay.run();
  for (
    const jumpMs of [
      -14 * DAY_MS,
      20_000 * DAY_MS,
      -30_000 * DAY_MS,
      3_600_000,
      -1,
    ]
  ) {
    rig.publish("a", "b");
    rig.clock.jumpWall(jumpMs);
    rig.publish("a");
    await rig.clock.advance(1_000);
  }
  expect(rig.seen()).toHaveLength(15);
  expect(new Set(rig.seen()).size).toBe(15);
  expect(disorder(rig.seen())).toEqual([]);
  expect(rig.of("lease.lost")).toEqual([]);
  await stop(rig, running);
});

test("a retry that was due far in the past or future by a wrong clock waits no longer than its delay", async () => {
  for (const jumpMs of [-365 * DAY_MS, 365 * DAY_MS]) {
    const retry = () => ({ kind: "retry", afterMs: 30_000 }) as const;
    let refuse = true;
    const answer = () =>
      refuse
        ? { kind: "retry", failure: { code: "X", reason: "x" } } as const
        : { kind: "delivered" } as const;
    const first = await createRig({ retry, broker: { answer } });
    first.publish("a");
    const running = first.relay.run();
    await first.clock.advance(1_000);
    await stop(first, running);
    first.clock.jumpWall(jumpMs);
    refuse = false;
    const again = first.relay.run();
    await first.clock.advance(31_000);
    expect(first.seen()).toEqual(["a:1"]);
    await stop(first, again);
  }
});
