/**
 * What a crash may repeat: everything sent and not recorded, one window at most.
 */

import {
  createFaultyStorage,
  createMemoryStorage,
} from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import { changedStorage, createRig, stop } from "../support/relay_rig.ts";

const WINDOW = 4;

test("what is acknowledged takes up room in the window until it is recorded", async () => {
  let busy = true;
  const memory = createMemoryStorage();
  const storage = createFaultyStorage(
    memory,
    (operation) => operation === "settle" && busy ? "busy" : "ok",
  );
  const rig = await createRig({ memory, storage, broker: { window: WINDOW } });
  const keys = Array.from({ length: 3 * WINDOW }, (_, at) => `k${at}`);
  rig.publish(...keys);
  const running = rig.relay.run();
  await rig.clock.advance(3_000);
  expect(rig.relay.status()).toMatchObject({ inFlight: 0, unsettled: WINDOW });
  expect(rig.seen()).toHaveLength(WINDOW);
  busy = false;
  await rig.clock.advance(3_000);
  expect(rig.seen()).toEqual(keys.map((key) => `${key}:1`));
  await stop(rig, running);
});

test("what was acknowledged during a slow read takes up room until it is recorded", async () => {
  const memory = createMemoryStorage();
  const plain = await createRig({ memory });
  const storage = changedStorage(memory, (store) => {
    const read = store.read.bind(store);
    store.read = async (request) => {
      await plain.clock.sleep(10);
      return await read(request);
    };
  });
  const total = 60;
  let sent = 0;
  let most = 0;
  const rig = await createRig({
    memory,
    storage,
    virtual: plain.clock,
    readBatch: 2 * WINDOW,
    broker: {
      window: WINDOW,
      acknowledgeMs: 5,
      answer: () => {
        sent += 1;
        const recorded = total - memory.snapshot().messages.length;
        most = Math.max(most, sent - recorded);
        return { kind: "delivered" };
      },
    },
  });
  rig.publish(...Array.from({ length: total }, () => null));
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  expect(rig.seen()).toHaveLength(total);
  expect(most).toBeLessThanOrEqual(WINDOW);
  await stop(rig, running);
});
