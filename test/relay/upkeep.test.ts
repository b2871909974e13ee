/**
 * Positions of keys that are silent for long are forgotten as messages come
 * in, so that there are no more keys than the limit allows, and an idle relay
 * looks at nothing.
 */

import type { Store } from "@mailboat/outbox";
import {
  createMemoryStorage,
  type MemoryStorage,
} from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import {
  changedStorage,
  createRig,
  publish,
  stop,
} from "../support/relay_rig.ts";

type Forget = Parameters<Store["forgetPositions"]>[0];

/** The storage, and what was asked of its memory of positions. */
function countingLooks(memory: MemoryStorage) {
  const calls: (Forget & { readonly forgotten: number })[] = [];
  const storage = changedStorage(memory, (store) => {
    const forget = store.forgetPositions.bind(store);
    store.forgetPositions = async (request: Forget) => {
      const result = await forget(request);
      calls.push({ ...request, ...result });
      return result;
    };
  });
  return { storage, calls };
}

const names = (first: number, count: number) =>
  Array.from({ length: count }, (_, at) => `key-${first + at}`);

test("new keys for ever leave no more than twice the limit remembered", async () => {
  const memory = createMemoryStorage();
  const { storage, calls } = countingLooks(memory);
  const keepPositions = 2_000;
  const rig = await createRig({ memory, storage, keepPositions });
  const running = rig.relay.run();
  let used = 0;
  for (let round = 0; round < 40; round++) {
    publish(memory, names(used, 500), { counted: true });
    used += 500;
    await rig.clock.advance(2_000);
  }
  const forgotten = calls.reduce((sum, call) => sum + call.forgotten, 0);
  expect(used - forgotten).toBeLessThanOrEqual(2 * keepPositions + 1_000);
  expect(used - forgotten).toBeGreaterThanOrEqual(keepPositions);
  for (const { countedBefore } of calls) {
    expect(countedBefore).toBeLessThanOrEqual(used - keepPositions);
  }
  await stop(rig, running);
});

test("what was enqueued while no relay ran is caught up with", async () => {
  const memory = createMemoryStorage();
  const { storage, calls } = countingLooks(memory);
  const rig = await createRig({ memory, storage, keepPositions: 500 });
  for (let round = 0; round < 8; round++) {
    publish(memory, names(round * 500, 500), { counted: true });
  }
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  expect(calls.reduce((sum, call) => sum + call.forgotten, 0)).toBe(3_499);
  await stop(rig, running);
});

test("an idle relay looks at no key, and below the limit nobody does", async () => {
  const memory = createMemoryStorage();
  const { storage, calls } = countingLooks(memory);
  const rig = await createRig({ memory, storage, keepPositions: 1_000 });
  const running = rig.relay.run();
  publish(memory, names(0, 900), { counted: true });
  await rig.clock.advance(60_000);
  expect(calls).toEqual([]);
  publish(memory, names(900, 200), { counted: true });
  await rig.clock.advance(5_000);
  const before = calls.length;
  expect(before).toBeGreaterThan(0);
  await rig.clock.advance(600_000);
  expect(calls.length).toBe(before);
  await stop(rig, running);
});
