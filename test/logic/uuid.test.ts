import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  FIRST_TICK,
  formatUuid,
  nextTick,
  type UuidTick,
} from "../../src/logic/uuid.ts";

const clock = fc.oneof(
  fc.integer({ min: -1_000, max: 1_000 }),
  fc.double({ min: 0, max: 2 ** 48 - 2 ** 20 }),
  fc.constant(NaN),
);
const seed = fc.oneof(
  fc.nat(0xffffffff),
  fc.constantFrom(0, 0xffffffff, 2 ** 25 - 1),
);
const readings = fc.array(fc.record({ nowMs: clock, seed }), {
  minLength: 1,
  maxLength: 50,
});

function ticks(from: UuidTick, all: { nowMs: number; seed: number }[]) {
  let last = from;
  return all.map((reading) => (last = nextTick(last, reading)));
}

describe("UUID version 7", () => {
  test("rises strictly, wherever the wall clock goes", () => {
    const start = fc.record({
      ms: fc.nat(2 ** 31 - 1),
      counter: fc.constantFrom(0, 2 ** 26 - 3, 2 ** 26 - 1),
    });
    const tail = fc.nat(2 ** 48 - 1);
    fc.assert(fc.property(start, readings, tail, (from, all, random) => {
      const ids = ticks(from, all).map((tick) => formatUuid(tick, random));
      expect(ids).toEqual([...new Set(ids)].sort());
      expect(ids[0]! > formatUuid(from, random)).toBe(true);
    }));
  });

  test("has the layout of RFC 9562 §5.7, with the time in front", () => {
    fc.assert(fc.property(
      fc.integer({ min: 1, max: 2 ** 48 - 1 }),
      seed,
      fc.nat(2 ** 48 - 1),
      (nowMs, seed, random) => {
        const id = formatUuid(nextTick(FIRST_TICK, { nowMs, seed }), random);
        expect(id).toMatch(
          /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
        );
        expect(parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(nowMs);
        expect(parseInt(id.slice(24), 16)).toBe(random);
      },
    ));
  });

  test("takes whole milliseconds of a finer clock", () => {
    expect(nextTick(FIRST_TICK, { nowMs: 5.9, seed: 0 }).ms).toBe(5);
    expect(nextTick({ ms: 5, counter: 7 }, { nowMs: 5.9, seed: 0 }))
      .toEqual({ ms: 5, counter: 8 });
  });

  test("leaves room for 2²⁵ ids after any seed", () => {
    const seeded = nextTick(FIRST_TICK, { nowMs: 1, seed: 0xffffffff });
    expect(seeded.counter).toBeLessThan(2 ** 25);
  });

  test("goes ahead of the clock when the counter has run over", () => {
    const last = { ms: 5, counter: 2 ** 26 - 1 };
    expect(nextTick(last, { nowMs: 5, seed: 9 })).toEqual({
      ms: 6,
      counter: 9,
    });
  });
});
