/**
 * The soak's ledger and verdict: what would be lost, late, twice or growing is
 * seen as that, and what is none of ours is not.
 */

import { describe, expect, test } from "vitest";
import { recordOf } from "../../bench/report.ts";
import { CAUGHT_UP_MS, Ledger } from "../../bench/soak/ledger.ts";
import {
  courseOf,
  quantileOf,
  type Sample,
  verdictOf,
} from "../../bench/soak/verdict.ts";

/** Two keys take turns: 0, 2, 4 … and 1, 3, 5 … */
const ledgerOf = (...arriving: readonly number[]) => {
  const ledger = new Ledger(2);
  ledger.commit(0, 6, 100);
  for (const n of arriving) {
    ledger.arrive({ n, atMs: 110, isRedelivery: false });
  }
  return ledger;
};

const again = (n: number) => ({ n, atMs: 120, isRedelivery: false });

describe("ledger", () => {
  test("all in order is nothing to complain of, in whatever order the keys", () => {
    expect(ledgerOf(1, 3, 0, 5, 2, 4)).toMatchObject({
      underWay: 0,
      outOfOrder: 0,
      duplicates: 0,
      uncommitted: 0,
    });
  });

  test("what does not arrive is under way, and what comes after it out of order", () => {
    expect(ledgerOf(0, 4, 1, 3, 5)).toMatchObject({
      underWay: 1,
      outOfOrder: 1,
    });
  });

  test("a first copy after a newer one of its key is out of order", () => {
    // The gap, and what fills it.
    expect(ledgerOf(0, 4, 2)).toMatchObject({ outOfOrder: 2, duplicates: 0 });
  });

  test("the newest of a key twice is a duplicate; an older one is out of order too", () => {
    const ledger = ledgerOf(0, 2, 4);
    ledger.arrive(again(4));
    expect(ledger).toMatchObject({ duplicates: 1, outOfOrder: 0 });
    ledger.arrive(again(2));
    expect(ledger).toMatchObject({ duplicates: 2, outOfOrder: 1 });
  });

  test("what the broker delivers again is the broker's", () => {
    const ledger = ledgerOf(0, 2);
    ledger.arrive({ n: 0, atMs: 120, isRedelivery: true });
    expect(ledger).toMatchObject({
      redeliveries: 1,
      duplicates: 0,
      outOfOrder: 0,
    });
  });

  test("an event may arrive before its commit is told, but not without one", () => {
    const ledger = new Ledger(2);
    ledger.arrive(again(0));
    expect(ledger.uncommitted).toBe(1);
    ledger.commit(0, 1, 130);
    expect(ledger).toMatchObject({ uncommitted: 0, underWay: 0 });
    expect(ledger.takeArrivals().steadyMs).toEqual([0]);
  });

  test("duplicates are counted by the outage before them", () => {
    const ledger = ledgerOf(0, 1);
    ledger.arrive(again(0));
    ledger.brokerStops(200);
    ledger.arrive(again(0));
    ledger.brokerIsBack(300);
    ledger.brokerStops(400);
    ledger.arrive(again(0));
    ledger.arrive(again(1));
    expect(ledger.strayDuplicates).toBe(1);
    expect(ledger.outages.map(({ duplicates }) => duplicates)).toEqual([1, 2]);
    expect(ledger.duplicates).toBe(4);
  });

  test("what an outage holds up is told apart until nothing waits any more", () => {
    const ledger = new Ledger(1);
    const back = 2_000;
    ledger.brokerStops(1_000);
    ledger.commit(0, 1, 1_500);
    ledger.commit(1, 1, back);
    ledger.commit(2, 1, back + 10);
    ledger.brokerIsBack(back);
    ledger.arrive({ n: 0, atMs: back + CAUGHT_UP_MS + 1, isRedelivery: false });
    expect(ledger.outages[0]?.caughtUpAtMs).toBe(null);
    const caughtUpMs = back + CAUGHT_UP_MS + 2;
    ledger.arrive({ n: 1, atMs: caughtUpMs, isRedelivery: false });
    expect(ledger.outages[0]?.caughtUpAtMs).toBe(caughtUpMs);
    ledger.arrive({ n: 2, atMs: caughtUpMs + 1, isRedelivery: false });
    ledger.commit(3, 1, caughtUpMs + 10);
    ledger.arrive({ n: 3, atMs: caughtUpMs + 13, isRedelivery: false });
    expect(ledger.takeArrivals()).toEqual({ steadyMs: [3], heldUp: 3 });
    expect(ledger.takeArrivals()).toEqual({ steadyMs: [], heldUp: 0 });
    expect(ledger.longestMs).toBe(back + CAUGHT_UP_MS + 1 - 1_500);
  });

  test("the pace is that between the commits", () => {
    const ledger = new Ledger(2);
    expect(ledger.committedPerSecond).toBe(0);
    ledger.commit(0, 5, 5_000);
    ledger.commit(5, 5, 5_010);
    ledger.commit(10, 5, 5_020);
    expect(ledger.committedPerSecond).toBe(500);
  });
});

const still: Sample = {
  minute: 0,
  rssMiB: 100,
  heapMiB: 20,
  fileMiB: 2,
  walMiB: 4,
  p50Ms: 10,
  p99Ms: 100,
  backlog: 0,
  load: 1,
  committedPerSecond: 500,
};
const course = (its: (at: number) => Partial<Sample>) =>
  Array.from({ length: 9 }, (_, at) => ({ ...still, minute: at, ...its(at) }));
const missedOf = (samples: readonly Sample[], ledger = new Ledger(2)) =>
  verdictOf(samples, ledger, { eventsPerSecond: 500, window: 1 })
    .map((figure) => recordOf("soak", figure))
    .filter(({ pass }) => pass === false)
    .map(({ figure }) => figure);

describe("verdict", () => {
  test("what is flat keeps it, whatever the beginning and single times", () => {
    const samples = course((at) => at < 3 || at === 7 ? { rssMiB: 999 } : {});
    expect(missedOf(samples)).toEqual(["committed"]);
  });

  test("a tenth and the slack more in the last third are borne, and nothing above", () => {
    const grown = (rssMiB: number) =>
      missedOf(course((at) => at >= 6 ? { rssMiB } : {}));
    expect(grown(114)).toEqual(["committed"]);
    expect(grown(114.1)).toEqual(["committed", "relay, resident, last third"]);
  });

  test("each thing that grows is named", () => {
    const samples = course((at) => ({
      rssMiB: 100 * 1.1 ** at,
      heapMiB: 20 * 1.2 ** at,
      fileMiB: 2 * 1.1 ** at,
      walMiB: 4 * 1.1 ** at,
      p50Ms: 10 * 1.2 ** at,
      p99Ms: 100 * 1.2 ** at,
    }));
    expect(missedOf(samples)).toHaveLength(7);
  });

  test("a loss, a wrong order and a duplicate too many are missed targets", () => {
    const ledger = ledgerOf(0, 4, 1);
    ledger.brokerStops(200);
    ledger.arrive(again(1));
    ledger.arrive(again(1));
    ledger.arrive(again(99));
    expect(missedOf(course(() => ({})), ledger)).toEqual([
      "committed",
      "lost",
      "arrived uncommitted",
      "out of order",
      "duplicates, most of one restart",
      "duplicates, all together",
    ]);
  });

  test("times without an outage are told where enough is left of them", () => {
    expect(quantileOf(Array.from({ length: 99 }, () => 1), 0.5)).toBe(null);
    expect(quantileOf(Array.from({ length: 100 }, () => 1), 0.5)).toBe(1);
  });

  test("the course has every sample, and a mark for each restart", () => {
    const ledger = ledgerOf();
    ledger.brokerStops(61_000);
    const { minutes, marks, panels } = courseOf(
      course(() => ({})),
      ledger,
      1_000,
    );
    expect(minutes).toHaveLength(9);
    expect(marks).toEqual([1]);
    for (const { lines } of panels) {
      for (const { values } of lines) expect(values).toHaveLength(9);
    }
  });
});
