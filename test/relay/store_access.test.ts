/**
 * A store that fails: it is left alone for a while, opened anew unless it was
 * only locked, and forgiven once it works.
 */

import type { StorageBase } from "@mailboat/outbox";
import {
  createFaultyStorage,
  createMemoryStorage,
  type MemoryStorage,
  type StorageFaultRule,
} from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import { createRig, type Rig, stop } from "../support/relay_rig.ts";

test("a database that is locked when the relay starts delays it and fails nothing", async () => {
  const rig = await createFaultyRig((operation, n) =>
    operation === "open" && n <= 5 ? "busy" : "ok"
  );
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(5_000);
  expect(rig.seen()).toEqual(["a:1"]);
  expect(rig.of("store.failed")).toHaveLength(5);
  await stop(rig, running);
});

test.each(
  [
    ["that was only locked is used on", "busy", 1],
    ["that failed is closed and opened anew", "before", 2],
  ] as const,
)("a store %s", async (_, fault, opened) => {
  const rig = await createFaultyRig((operation, n) =>
    operation === "read" && n === 1 ? fault : "ok"
  );
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(5_000);
  expect(rig.seen()).toEqual(["a:1"]);
  expect(rig.of("store.opened")).toHaveLength(opened);
  expect(rig.open).toBe(1);
  await stop(rig, running);
  expect(rig.open).toBe(0);
});

test("a store that works again is forgiven: the next failure is waited out as if it were the first", async () => {
  let isBroken = true;
  const rig = await createFaultyRig(() => isBroken ? "before" : "ok");
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  expect(rig.relay.status().storeTrouble).not.toBeNull();
  isBroken = false;
  await rig.clock.advance(10_000);
  expect(rig.seen()).toEqual(["a:1"]);
  expect(rig.relay.status().storeTrouble).toBeNull();
  isBroken = true;
  const before = rig.of("store.failed").length;
  await rig.clock.advance(2_000);
  const [first] = rig.of("store.failed").slice(before);
  expect(first?.retryInMs).toBeLessThanOrEqual(21);
  isBroken = false;
  await stop(rig, running);
});

test("hints do not hurry a relay whose store fails", async () => {
  let calls = 0;
  const rig = await createFaultyRig(() => {
    calls += 1;
    return "before";
  });
  const running = rig.relay.run();
  for (let hint = 0; hint < 1_000; hint++) {
    rig.relay.wake();
    await rig.clock.advance(1);
  }
  expect(calls).toBeGreaterThan(2);
  expect(calls).toBeLessThan(30);
  await stop(rig, running);
});

/** A rig whose store fails by a rule, and that counts how many are open. */
async function createFaultyRig(
  rule: StorageFaultRule,
): Promise<Rig & { readonly open: number }> {
  const memory = createMemoryStorage();
  const counted = countingOpen(memory);
  const storage = createFaultyStorage(counted, rule);
  const rig = await createRig({ memory, storage });
  return Object.defineProperty(rig as Rig & { open: number }, "open", {
    get: () => counted.count,
  });
}

function countingOpen(storage: MemoryStorage) {
  const counted = {
    count: 0,
    writer: storage.writer,
    migrate: () => storage.migrate(),
    open: async () => {
      const store = await storage.open();
      counted.count += 1;
      const close = store.close.bind(store);
      store.close = () => {
        counted.count -= 1;
        return close();
      };
      return store;
    },
  } satisfies StorageBase & Record<string, unknown>;
  return counted;
}
