import type { LeaseRecord } from "@mailboat/outbox";
import fc from "fast-check";
import { expect, test } from "vitest";
import {
  isLongDead,
  type Observation,
  observe,
  takeoverInMs,
} from "../../src/logic/lease.ts";

const record: LeaseRecord = {
  epoch: 3,
  owner: "other",
  beat: 7,
  leaseMs: 1_000,
  renewedAtMs: 0,
  unproven: 0,
};

test("a lease that was given back, or is our own, may be taken at once", () => {
  const observation = see(null, record, true, 0);
  for (const owner of [null, "us"]) {
    expect(
      takeoverInMs({
        record: { ...record, owner },
        owner: "us",
        fruitless: 0,
        observation,
        nowMs: 0,
      }),
    ).toBe(0);
  }
});

test("a live lease lapses only after it was seen unchanged for its whole length", () => {
  const observation = see(null, record, true, 500);
  const inMs = (nowMs: number) =>
    takeoverInMs({ record, owner: "us", fruitless: 0, observation, nowMs });
  expect([inMs(500), inMs(1_499), inMs(1_500), inMs(9_000)]).toEqual([
    1_000,
    1,
    0,
    0,
  ]);
});

test("every renewal starts the wait again", () => {
  const first = see(null, record, true, 0);
  const renewed = { ...record, beat: 8 };
  const second = see(first, renewed, true, 900);
  expect(
    takeoverInMs({
      record: renewed,
      owner: "us",
      fruitless: 0,
      observation: second,
      nowMs: 1_000,
    }),
  ).toBe(900);
});

test("work that ends a quiet spell is left to the holder for a quarter of its lease", () => {
  const quiet = see(null, record, false, 0);
  const work = see(quiet, record, true, 60_000);
  expect(
    takeoverInMs({
      record,
      owner: "us",
      fruitless: 0,
      observation: work,
      nowMs: 60_000,
    }),
  ).toBe(250);
  expect(
    takeoverInMs({
      record,
      owner: "us",
      fruitless: 0,
      observation: work,
      nowMs: 60_250,
    }),
  ).toBe(0);
});

test("a holder that renews in time is never taken over, however looks and renewals fall", () => {
  fc.assert(fc.property(
    fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 400 }),
        renews: fc.boolean(),
      }),
      { maxLength: 100 },
    ),
    (steps) => {
      let now = 0;
      let renewedMs = 0;
      let beat = 0;
      let seen: Observation | null = null;
      for (const { afterMs, renews } of steps) {
        now += afterMs;
        // The holder acts only while its lease is valid by its own count.
        if (renews && now - renewedMs < record.leaseMs) {
          beat++;
          renewedMs = now;
        }
        const lease: LeaseRecord = { ...record, beat };
        seen = see(seen, lease, true, now);
        const waitMs = takeoverInMs({
          record: lease,
          owner: "us",
          fruitless: 0,
          observation: seen,
          nowMs: now,
        });
        if (waitMs === 0) {
          expect(now - renewedMs).toBeGreaterThanOrEqual(record.leaseMs);
        }
      }
    },
  ));
});

test("the wall clock testifies only to a death long ago, in either direction", () => {
  expect(isLongDead(record, 9_999)).toBe(false);
  expect(isLongDead(record, 10_000)).toBe(true);
  expect(isLongDead(record, -10_000)).toBe(true);
});

function see(
  previous: Observation | null,
  lease: LeaseRecord,
  hasWork: boolean,
  nowMs: number,
): Observation {
  return observe({ previous, record: lease, hasWork, nowMs });
}
