import fc from "fast-check";
import { expect, test } from "vitest";
import {
  EXPIRE_EVERY,
  EXPIRE_ROWS,
  expiryOf,
  forgottenLanes,
} from "../../src/logic/retention.ts";

const kept = { keepMs: 1_000, keepRows: 100, keepMinRows: 10, keepLanes: 5 };

test("most records remove none", () => {
  const removing = Array.from({ length: 320 }, (_, at) => at + 1)
    .filter((number) => expiryOf(kept, { number, nowMs: 0 }) !== null);
  expect(removing).toEqual(
    Array.from({ length: 10 }, (_, at) => (at + 1) * EXPIRE_EVERY),
  );
});

test("the oldest go by number, or by age behind the newest", () => {
  expect(expiryOf(kept, { number: 320, nowMs: 5_000 })).toEqual({
    upTo: 220,
    oldUpTo: 310,
    beforeMs: 4_000,
    limit: EXPIRE_ROWS,
  });
});

test("more may go than have come", () => {
  expect(EXPIRE_ROWS).toBeGreaterThan(EXPIRE_EVERY);
});

test("whatever the clock says, the newest stay", () => {
  fc.assert(fc.property(
    fc.integer({ min: 1, max: 1_000 }).map((n) => n * EXPIRE_EVERY),
    fc.integer({ min: 1, max: 1_000 }),
    fc.integer({ min: 0, max: 1_000 }),
    fc.double({ noNaN: true, min: -1e15, max: 1e15 }),
    (number, keepMinRows, more, nowMs) => {
      const keepRows = keepMinRows + more;
      const retention = { ...kept, keepRows, keepMinRows };
      const expiry = expiryOf(retention, { number, nowMs });
      const goes = Math.max(expiry?.upTo ?? 0, expiry?.oldUpTo ?? 0);
      expect(number - goes).toBeGreaterThanOrEqual(keepMinRows);
    },
  ));
});

test("a new key makes room for itself", () => {
  expect(forgottenLanes(kept, 5)).toBeNull();
  expect(forgottenLanes(kept, 6)).toEqual({ upTo: 1, limit: 2 });
});
