/**
 * What a crash may repeat: everything sent and not recorded, one window at most.
 */

import {
  createFaultyStorage,
  createMemoryStorage,
} from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import { createRig, stop } from "../support/relay_rig.ts";

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
