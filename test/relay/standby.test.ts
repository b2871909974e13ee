import { expect, test } from "vitest";
import { createRig, stop } from "../support/relay_rig.ts";

test("what a standby passed behind a waiting head is found once another relay has delivered that head and gone", async () => {
  const rig = await createRig({ leaseMs: 3_000 });
  rig.publish("x", "x");
  const store = await rig.storage.open();
  const nowMs = rig.clock.nowMs();
  const other = async () => {
    const { lease: { epoch, beat } } = await store.survey();
    const lease = await store.acquire({
      owner: "other",
      leaseMs: 3_000,
      nowMs: rig.clock.nowMs(),
      expect: { epoch, beat },
    });
    if (lease === null) throw new Error("No lease");
    return lease;
  };
  const base = {
    delivered: [],
    expired: [],
    recovered: [],
    failed: [],
    archive: false,
    keepExpired: 1,
    then: "release",
    proven: false,
    nowMs,
  } as const;
  await store.settle({
    ...base,
    lease: await other(),
    failed: [{
      seq: 1,
      key: "x",
      state: "retry",
      holds: true,
      attempts: 1,
      deaths: 0,
      trial: null,
      firstFailedAtMs: nowMs,
      failedAtMs: nowMs,
      delayMs: 60_000,
      code: "TEST",
      reason: "refused",
    }],
  });
  const running = rig.relay.run();
  await rig.clock.advance(20_000);
  expect(rig.seen()).toEqual([]);
  await store.settle({
    ...base,
    lease: await other(),
    delivered: [1],
    recovered: [1],
  });
  await rig.clock.advance(600_000);
  expect(rig.seen()).toEqual(["x:2"]);
  await stop(rig, running);
});
