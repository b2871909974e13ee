/**
 * Outcomes that wait for others while nothing is left to send.
 */

import { expect, test } from "vitest";
import { createRig, type Rig, stop } from "../support/relay_rig.ts";

const HOUR_MS = 3_600_000;

/** A rig whose relay has shown that it outlives what it sends. */
async function settledRig(options: Parameters<typeof createRig>[0]) {
  const rig = await createRig(options);
  const running = rig.relay.run();
  rig.publish("first");
  await rig.clock.runUntil(() => rig.of("settled").length === 1);
  return { rig, running };
}

function groupsOf(rig: Rig): number[] {
  return rig.of("settled").slice(1).map(({ delivered }) => delivered);
}

test("by default nothing waits", async () => {
  const { rig, running } = await settledRig({});
  for (const key of ["a", "b", "c"]) {
    rig.publish(key);
    await rig.clock.advance(100);
  }
  expect(groupsOf(rig)).toEqual([1, 1, 1]);
  await stop(rig, running);
});

test("what comes in a trickle is recorded together", async () => {
  const { rig, running } = await settledRig({ settleIdleMs: 1_000 });
  for (let n = 0; n < 10; n++) {
    rig.publish(`k${n}`);
    await rig.clock.advance(90);
    expect(rig.seen()).toHaveLength(n + 2);
  }
  await rig.clock.advance(1_000);
  expect(groupsOf(rig)).toEqual([10]);
  await stop(rig, running);
});

test("a successor waits for nobody but the record", async () => {
  const { rig, running } = await settledRig({ settleIdleMs: HOUR_MS / 60 });
  rig.publish("a");
  await rig.clock.advance(50);
  rig.publish("a");
  await rig.clock.advance(50);
  expect(rig.seen()).toEqual(["first:1", "a:1", "a:2"]);
  expect(groupsOf(rig)).toEqual([1]);
  await stop(rig, running);
});

test("a full window waits for nobody but the record", async () => {
  const settleIdleMs = HOUR_MS / 60;
  const broker = { window: 2 };
  const { rig, running } = await settledRig({ settleIdleMs, broker });
  rig.publish("a", "b");
  await rig.clock.advance(50);
  rig.publish("c", "d");
  await rig.clock.advance(50);
  expect(rig.seen()).toHaveLength(5);
  await stop(rig, running);
});

test("nothing waits beyond a third of the lease", async () => {
  const settleIdleMs = HOUR_MS / 60;
  const { rig, running } = await settledRig({ settleIdleMs, leaseMs: 3_000 });
  rig.publish("a");
  await rig.clock.advance(1_100);
  expect(groupsOf(rig)).toEqual([1]);
  await stop(rig, running);
});

test("whoever stops records first", async () => {
  const { rig, running } = await settledRig({ settleIdleMs: HOUR_MS / 60 });
  rig.publish("a");
  await rig.clock.advance(50);
  expect(groupsOf(rig)).toEqual([]);
  await stop(rig, running);
  expect(groupsOf(rig)).toEqual([1]);
  expect(rig.storage.snapshot().messages).toEqual([]);
});

test("whoever only drains does not wait for others", async () => {
  const rig = await createRig({ settleIdleMs: HOUR_MS / 60 });
  rig.publish("a", "b");
  const began = rig.clock.nowMs();
  const drained = rig.relay.drain();
  await rig.clock.runUntil(() => rig.storage.snapshot().messages.length === 0);
  await drained;
  expect(rig.clock.nowMs() - began).toBeLessThan(100);
});
