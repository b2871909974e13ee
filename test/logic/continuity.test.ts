import fc from "fast-check";
import { expect, test } from "vitest";
import type { LaneProgress } from "../../src/inbox_storage.ts";
import { advanced, continuityOf } from "../../src/logic/continuity.ts";

const at = (
  position: number | null,
  seq: number | null = null,
): LaneProgress => ({ position, seq });

const next = { kind: "next" };
const gap = (expected: number, found: number) => ({
  kind: "gap",
  expected,
  found,
  missing: found - expected,
});
const late = (by: "position" | "seq", last: number, found: number) => ({
  kind: "reordered",
  by,
  last,
  found,
});

test.each([
  ["nothing is known", null, at(7, 70), next],
  ["one follows the other", at(6, 60), at(7, 70), next],
  ["one is missing", at(6, 60), at(8, 80), gap(7, 8)],
  ["three are missing, without a sequence", at(6), at(10), gap(7, 10)],
  ["one comes late", at(6, 60), at(5, 50), late("position", 6, 5)],
  ["one comes late, without a sequence", at(6), at(5), late("position", 6, 5)],
  ["a place is taken twice", at(6), at(6), late("position", 6, 6)],
  ["the first comes late", at(6, 60), at(1, 10), late("position", 6, 1)],
  ["a count begins anew", at(6, 60), at(1, 70), next],
  ["a count begins anew, without a sequence", at(6), at(1), next],
  [
    "a count began anew and its first is missing",
    at(6, 6),
    at(3, 9),
    gap(1, 3),
  ],
  [
    "the position follows, whatever the sequence says",
    at(6, 60),
    at(7, 7),
    next,
  ],
  ["only the sequence is told", at(null, 60), at(null, 90), next],
  ["only the sequence tells", at(null, 6), at(null, 5), late("seq", 6, 5)],
  ["a sequence comes twice", at(null, 60), at(null, 60), late("seq", 60, 60)],
  ["positions begin to be told", at(null, 60), at(8, 70), next],
  ["positions are told no more", at(6, 60), at(null, 50), late("seq", 60, 50)],
  ["nothing is told", at(6, 60), at(null), next],
])("%s", (_, last, found, expected) => {
  expect(continuityOf(last, found)).toEqual(expected);
});

test("progress goes on, and not back, unless a count begins anew", () => {
  expect(advanced(null, at(3, 30))).toEqual(at(3, 30));
  expect(advanced(at(3, 30), at(5, 50))).toEqual(at(5, 50));
  expect(advanced(at(5, 50), at(4, 40))).toEqual(at(5, 50));
  expect(advanced(at(5, 50), at(1, 60))).toEqual(at(1, 60));
  expect(advanced(at(5, 50), at(null, 60))).toEqual(at(5, 60));
  expect(advanced(at(5, 50), at(6))).toEqual(at(6, 50));
});

/** Delivers some of the messages 1 to n in an order of chance. */
const deliveries = fc.integer({ min: 1, max: 12 }).chain((count) =>
  fc.shuffledSubarray(Array.from({ length: count }, (_, i) => i + 1))
);

test("what is missing at the end was counted, less what came late", () => {
  fc.assert(fc.property(deliveries, (order) => {
    let last: LaneProgress | null = at(0, 0);
    let missing = 0;
    for (const position of order) {
      const found = at(position, position * 10);
      const seen = continuityOf(last, found);
      if (seen.kind === "gap") missing += seen.missing;
      if (seen.kind === "reordered") missing--;
      last = advanced(last, found);
    }
    expect(missing).toBe(Math.max(0, ...order) - order.length);
  }));
});
