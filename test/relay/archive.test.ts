/**
 * The archive is trimmed in small transactions, as long as there is something
 * to trim, and then rarely.
 */

import {
  createMemoryStorage,
  type MemoryStorage,
} from "@mailboat/outbox/testing";
import type { Store } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { changedStorage, createRig, stop } from "../support/relay_rig.ts";

type Prune = Parameters<Store["prune"]>[0];

test("what is too old goes in parts, one after the other without a rest", async () => {
  const memory = createMemoryStorage();
  const { storage, calls } = countingPrunes(memory);
  const rig = await createRig({ memory, storage, keepDeliveredMs: 60_000 });
  const messages = 1_300;
  rig.publish(...Array.from({ length: messages }, () => null));
  const running = rig.relay.run();
  await rig.clock.advance(30_000);
  expect(memory.snapshot().archive).toHaveLength(messages);
  calls.length = 0;
  await rig.clock.advance(45_000);
  expect(memory.snapshot().archive).toEqual([]);
  const parts = calls.filter(({ removed }) => removed > 0);
  expect(parts.map(({ removed }) => removed)).toEqual([500, 500, 300]);
  await stop(rig, running);
});

test("an archive with nothing to trim is looked at every ten seconds at the most", async () => {
  const memory = createMemoryStorage();
  const { storage, calls } = countingPrunes(memory);
  const rig = await createRig({ memory, storage, keepDeliveredMs: 3_600_000 });
  const running = rig.relay.run();
  for (let second = 0; second < 60; second++) {
    rig.publish("a", "b");
    await rig.clock.advance(1_000);
  }
  expect(calls.length).toBeGreaterThan(4);
  expect(calls.length).toBeLessThanOrEqual(7);
  await stop(rig, running);
});

/** The storage, and what was removed by every pruning. */
function countingPrunes(memory: MemoryStorage) {
  const calls: { readonly removed: number }[] = [];
  const storage = changedStorage(memory, (store) => {
    const prune = store.prune.bind(store);
    store.prune = async (request: Prune) => {
      const result = await prune(request);
      calls.push(result);
      return result;
    };
  });
  return { storage, calls };
}
