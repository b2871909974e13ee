/**
 * What is of no use any more is not sent; a wall clock that jumps makes
 * nothing useless.
 */

import { createMemoryStorage } from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import {
  createRig,
  publish,
  refusing,
  type Rig,
  type RigOptions,
  stop,
} from "../support/relay_rig.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

/** Commits messages that are stamped now. */
function enqueue(
  { storage, clock }: Rig,
  ttlMs: number | null,
  ...keys: readonly (string | null)[]
): void {
  publish(storage, keys, { ttlMs, enqueuedAtMs: clock.nowMs() });
}

/** The ids of the messages that are kept as expired, oldest first. */
const expiredIds = ({ storage }: Pick<Rig, "storage">) =>
  storage.snapshot().expired.map(({ message: { id } }) => id);

/** A relay that has found the broker away, and knows what is there. */
async function waiting(options: RigOptions = {}) {
  // Whole days are gone through in steps of a minute.
  const patience = { pollMs: 60_000, reconnectCapMs: 60_000 };
  const rig = await createRig({ ...patience, ...options });
  rig.broker.down();
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  return { rig, running };
}

describe("after an outage of three days", () => {
  test("what was to live for a day has expired, and the rest goes out", async () => {
    const { rig, running } = await waiting();
    enqueue(rig, DAY_MS, "a");
    enqueue(rig, 7 * DAY_MS, "a");
    enqueue(rig, DAY_MS, "a", "b", null);
    enqueue(rig, null, "a", "b");
    await rig.clock.advance(3 * DAY_MS);
    expect(expiredIds(rig)).toEqual([]);
    rig.broker.up();
    await rig.clock.advance(120_000);
    expect(rig.seen()).toEqual(["a:2", "b:2", "a:4"]);
    expect(expiredIds(rig).sort()).toEqual(["-:1", "a:1", "a:3", "b:1"]);
    expect(rig.storage.snapshot().messages).toEqual([]);
    const { counters, expired } = rig.relay.status();
    expect(counters).toMatchObject({ delivered: 3, expired: 4, dead: 0 });
    expect(expired).toBe(4);
    await stop(rig, running);
  });

  test("each expired message is told of once, with its age", async () => {
    const { rig, running } = await waiting();
    enqueue(rig, DAY_MS, "a");
    await rig.clock.advance(3 * DAY_MS);
    rig.broker.up();
    await rig.clock.advance(120_000);
    const [told, ...more] = rig.of("message.expired");
    expect(more).toEqual([]);
    expect(told?.message).toEqual({
      seq: 1,
      id: "a:1",
      key: "a",
      topic: "t/a",
    });
    expect(told?.ageMs).toBeGreaterThanOrEqual(3 * DAY_MS);
    expect(told?.ageMs).toBeLessThan(3 * DAY_MS + 120_000);
    expect(rig.of("settled")).toEqual([
      { type: "settled", delivered: 0, expired: 1, failed: 0 },
    ]);
    await stop(rig, running);
  });

  test("a relay that starts only then goes by the wall clock", async () => {
    const memory = createMemoryStorage();
    const { rig, running } = await waiting({ memory });
    enqueue(rig, DAY_MS, "a");
    enqueue(rig, 7 * DAY_MS, "a");
    await stop(rig, running);
    await rig.clock.advance(3 * DAY_MS);
    const next = await createRig({ memory, virtual: rig.clock });
    const nextRunning = next.relay.run();
    await rig.clock.advance(120_000);
    expect(next.seen()).toEqual(["a:2"]);
    expect(expiredIds(next)).toEqual(["a:1"]);
    await stop(next, nextRunning);
  });
});

describe("a wall clock that jumps while the broker is away", () => {
  test.each([
    ["56 years ahead", 56 * YEAR_MS],
    ["two weeks ahead", 14 * DAY_MS],
    ["two weeks back", -14 * DAY_MS],
    ["to 1970", -55 * YEAR_MS],
  ])("%s lets nothing expire", async (_, ms) => {
    const { rig, running } = await waiting();
    enqueue(rig, DAY_MS, "a", "b");
    await rig.clock.advance(120_000);
    rig.clock.jumpWall(ms);
    enqueue(rig, DAY_MS, "a");
    await rig.clock.advance(HOUR_MS);
    enqueue(rig, DAY_MS, "a");
    rig.clock.jumpWall(-ms);
    enqueue(rig, DAY_MS, "b");
    await rig.clock.advance(HOUR_MS);
    rig.broker.up();
    await rig.clock.advance(120_000);
    expect(expiredIds(rig)).toEqual([]);
    expect(rig.seen().filter((id) => id.startsWith("a:")))
      .toEqual(["a:1", "a:2", "a:3"]);
    expect(rig.seen()).toHaveLength(5);
    await stop(rig, running);
  });

  test("does not keep alive what really grew too old", async () => {
    const { rig, running } = await waiting();
    enqueue(rig, DAY_MS, "a");
    await rig.clock.advance(120_000);
    rig.clock.jumpWall(-14 * DAY_MS);
    await rig.clock.advance(2 * DAY_MS);
    rig.broker.up();
    await rig.clock.advance(120_000);
    expect(rig.seen()).toEqual([]);
    expect(expiredIds(rig)).toEqual(["a:1"]);
    await stop(rig, running);
  });

  test("from one that was never set expires nothing, and time goes on to count", async () => {
    const { rig, running } = await waiting();
    rig.clock.setWallMs(0);
    await rig.clock.advance(120_000);
    enqueue(rig, DAY_MS, "a");
    enqueue(rig, 3 * DAY_MS, "a");
    await rig.clock.advance(HOUR_MS);
    rig.clock.setWallMs(1_795_651_200_000);
    await rig.clock.advance(HOUR_MS);
    expect(rig.relay.status().expired).toBe(0);
    await rig.clock.advance(DAY_MS);
    rig.broker.up();
    await rig.clock.advance(120_000);
    expect(rig.seen()).toEqual(["a:2"]);
    expect(expiredIds(rig)).toEqual(["a:1"]);
    await stop(rig, running);
  });
});

describe("in a lane", () => {
  test("what expires in the middle keeps the order around it", async () => {
    const { rig, running } = await waiting({ laneDepth: 2 });
    enqueue(rig, null, "a", "a");
    enqueue(rig, HOUR_MS, "a", "a", "a");
    enqueue(rig, null, "a");
    enqueue(rig, HOUR_MS, "a");
    enqueue(rig, null, "a");
    await rig.clock.advance(2 * HOUR_MS);
    rig.broker.up();
    await rig.clock.advance(120_000);
    expect(rig.seen()).toEqual(["a:1", "a:2", "a:6", "a:8"]);
    expect(expiredIds(rig)).toEqual(["a:3", "a:4", "a:5", "a:7"]);
    await stop(rig, running);
  });

  test("a head that waits for its retry expires, and leaves no record", async () => {
    const rig = await createRig({
      retry: () => ({ kind: "retry", afterMs: HOUR_MS }),
      broker: { answer: refusing((id) => id === "a:1" ? "retry" : null) },
    });
    const running = rig.relay.run();
    enqueue(rig, 90 * 60_000, "a");
    enqueue(rig, null, "a");
    await rig.clock.advance(70 * 60_000);
    expect(rig.of("message.retry")).toHaveLength(2);
    await rig.clock.advance(HOUR_MS);
    expect(rig.seen()).toEqual(["a:2"]);
    expect(expiredIds(rig)).toEqual(["a:1"]);
    expect(rig.storage.snapshot().failures).toEqual([]);
    await stop(rig, running);
  });

  test("a dead letter does not expire before an operator brings it back", async () => {
    const rig = await createRig({
      broker: { answer: refusing((id) => id === "a:1" ? "dead" : null) },
    });
    const running = rig.relay.run();
    enqueue(rig, HOUR_MS, "a");
    enqueue(rig, null, "a");
    await rig.clock.advance(DAY_MS);
    expect(rig.seen()).toEqual([]);
    expect(expiredIds(rig)).toEqual([]);
    await (await rig.storage.open()).retryDead({});
    await rig.clock.advance(120_000);
    expect(rig.seen()).toEqual(["a:2"]);
    expect(expiredIds(rig)).toEqual(["a:1"]);
    await stop(rig, running);
  });

  test("a message in doubt that grows too old meanwhile expires", async () => {
    const rig = await createRig();
    const running = rig.relay.run();
    rig.broker.hang("acknowledgement");
    enqueue(rig, HOUR_MS, "a");
    enqueue(rig, null, "a");
    await rig.clock.advance(1_000);
    rig.broker.down();
    rig.broker.cut();
    await rig.clock.advance(2 * HOUR_MS);
    rig.broker.release();
    rig.broker.up();
    await rig.clock.advance(120_000);
    expect(rig.seen()).toEqual(["a:1", "a:2"]);
    expect(expiredIds(rig)).toEqual(["a:1"]);
    await stop(rig, running);
  });
});

test("what remains goes out with the message", async () => {
  const { rig, running } = await waiting();
  enqueue(rig, DAY_MS, "a");
  enqueue(rig, null, "b");
  await rig.clock.advance(HOUR_MS);
  rig.broker.up();
  await rig.clock.advance(120_000);
  const [limited, unlimited] = rig.broker.received;
  const sinceMs = rig.clock.monotonicMs() - 120_000;
  expect(limited?.terms.remainingMs)
    .toBe(DAY_MS - HOUR_MS - (limited!.atMs - sinceMs));
  expect(unlimited?.terms).toEqual({});
  await stop(rig, running);
});

describe("many expired messages", () => {
  test("go in groups, and only the newest are kept", async () => {
    const { rig, running } = await waiting({ keepExpiredRows: 10 });
    const count = 2_000;
    enqueue(rig, HOUR_MS, ...Array.from({ length: count }, () => null));
    await rig.clock.advance(2 * HOUR_MS);
    const before = rig.of("settled").length;
    rig.broker.up();
    await rig.clock.advance(120_000);
    expect(rig.relay.status().expired).toBe(count);
    expect(rig.storage.snapshot().expired).toHaveLength(10);
    expect(rig.of("settled").length - before).toBeLessThanOrEqual(10);
    await stop(rig, running);
  });

  test("wait for the record of a group that is full, and are not sent", async () => {
    const { rig, running } = await waiting({ settleBatch: 1 });
    enqueue(rig, HOUR_MS, "a", "b", "a", "c", "b");
    enqueue(rig, null, "a", "b");
    await rig.clock.advance(2 * HOUR_MS);
    rig.broker.up();
    await rig.clock.advance(120_000);
    expect(rig.seen()).toEqual(["a:3", "b:3"]);
    expect(rig.relay.status().counters.expired).toBe(5);
    await stop(rig, running);
  });

  test("of one key go in groups as well, and take no room of a window", async () => {
    const { rig, running } = await waiting({ broker: { window: 1 } });
    enqueue(rig, HOUR_MS, ...Array.from({ length: 640 }, () => "a"));
    enqueue(rig, null, "a");
    await rig.clock.advance(2 * HOUR_MS);
    rig.broker.up();
    const upMs = rig.clock.monotonicMs();
    await rig.clock.advance(120_000);
    expect(rig.seen()).toEqual(["a:641"]);
    const connectedMs = rig.broker.received[0]!.atMs - upMs;
    expect(connectedMs).toBeLessThan(61_000);
    expect(rig.of("settled").length).toBeLessThan(15);
    await stop(rig, running);
  });
});
