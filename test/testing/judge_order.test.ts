/**
 * What the judge says about pipelined order, on made-up histories, and held
 * against a second way to say it.
 */

import fc from "fast-check";
import { expect, test } from "vitest";
import { type HistoryEntry, judgeHistory } from "../../src/testing/mod.ts";
import {
  committed,
  dead,
  expired,
  received,
  refused,
} from "./made_up_history.ts";

const FIVE = committed("t1", "a1", "a2", "a3", "a4", "a5");
const END: HistoryEntry = { type: "end" };
const discarded = (id: string): HistoryEntry => ({ type: "discarded", id });
const remaining = (...ids: string[]): HistoryEntry[] =>
  ids.map((id) => ({ type: "remaining", id }));

const reordered = (
  entries: readonly HistoryEntry[],
  order: "strict" | "pipelined" = "pipelined",
) => judgeHistory(entries, { order }).reordered;

test.each<[string, readonly HistoryEntry[]]>([
  ["in order", received("a1", "a2", "a3", "a4", "a5")],
  ["the third refused, and what was behind it again", [
    ...received("a1", "a2"),
    ...refused("a3"),
    ...received("a4", "a5", "a3", "a4", "a5"),
  ]],
  ["everything once more", [
    ...received("a1", "a2", "a3", "a1", "a2", "a3", "a4", "a5"),
  ]],
  ["the third dead and given up, and what was behind it again", [
    ...received("a1", "a2"),
    ...refused("a3"),
    ...received("a4", "a5"),
    dead("a3", true),
    discarded("a3"),
    ...received("a4", "a5"),
  ]],
  ["the third expired while it waited, and what was behind it again", [
    ...received("a1", "a2"),
    ...refused("a3"),
    ...received("a4", "a5"),
    expired("a3"),
    ...received("a4", "a5"),
  ]],
  ["the third gives up its place", [
    ...received("a1", "a2"),
    ...refused("a3"),
    dead("a3", false),
    ...received("a4", "a5"),
  ]],
  ["the third dead at the end, and what was behind it waits with it", [
    ...received("a1", "a2"),
    ...refused("a3"),
    ...received("a4", "a5"),
    dead("a3", true),
    ...remaining("a3", "a4", "a5"),
  ]],
  ["the last one seen, refused when it came again, and given up", [
    ...received("a1", "a2", "a3", "a4", "a5", "a4"),
    ...refused("a5"),
    dead("a5", true),
    discarded("a5"),
  ]],
])("pipelined, and kept: %s", (_, entries) => {
  expect(reordered([...FIVE, ...entries, END])).toBe(0);
});

test.each<[string, readonly HistoryEntry[], number]>([
  ["a refused one comes last, and nothing after it", [
    ...received("a1", "a2"),
    ...refused("a3"),
    ...received("a4", "a5", "a3"),
  ], 1],
  ["only a part of what was behind it comes again", [
    ...received("a1", "a2"),
    ...refused("a3"),
    ...received("a4", "a5", "a3", "a4"),
  ], 2],
  ["overtaken, though the broker had not refused it", [
    ...received("a1", "a2", "a4", "a3", "a4", "a5"),
  ], 1],
  ["refused only after it was overtaken", [
    ...received("a1", "a2", "a4"),
    ...refused("a3"),
    ...received("a3", "a4", "a5"),
  ], 1],
  ["given up after the last copy of what was behind it", [
    ...received("a1", "a2"),
    ...refused("a3"),
    ...received("a4", "a5"),
    discarded("a3"),
  ], 1],
  ["never arrived", [
    ...received("a1", "a2"),
    ...refused("a3"),
    ...received("a4", "a5"),
  ], 1],
  ["an old copy at the end", received("a1", "a2", "a3", "a4", "a5", "a2"), 1],
])("pipelined, and broken: %s", (_, entries, count) => {
  expect(reordered([...FIVE, ...entries, END])).toBe(count);
});

test("a history that breaks off misses no last copies, but nothing may pass unrefused", () => {
  const torn = [...FIVE, ...received("a1"), ...refused("a2")];
  expect(reordered([...torn, ...received("a3", "a4", "a2")])).toBe(0);
  expect(reordered([...torn, ...received("a4", "a2")])).toBe(1);
});

test("strict order is the default, and stricter", () => {
  const entries = [
    ...FIVE,
    ...refused("a1"),
    ...received("a2", "a1", "a2", "a3", "a4", "a5"),
    END,
  ];
  expect(reordered(entries)).toBe(0);
  expect(reordered(entries, "strict")).toBe(1);
  expect(judgeHistory(entries).reordered).toBe(1);
});

test("without a key nothing has an order, and keys do not mind each other", () => {
  expect(reordered([
    ...committed("t1", "-1", "-2", "a1", "b1", "b2"),
    ...received("-2", "b1", "-1", "b2", "a1"),
    END,
  ])).toBe(0);
});

/** The second way: each pair of messages on its own. */
test("the judge agrees with a look at every pair", () => {
  const entry = fc.record({
    kind: fc.constantFrom("received", "received", "received", "refused"),
    n: fc.integer({ min: 1, max: 4 }),
  });
  const seen = { kept: 0, broken: 0 };
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 10 }), (entries) => {
      const history = entries.flatMap(({ kind, n }) =>
        kind === "received" ? received(`a${n}`) : refused(`a${n}`)
      );
      const kept = reordered([
        ...committed("t", "a1", "a2", "a3", "a4"),
        ...history,
        END,
      ]) ===
        0;
      seen[kept ? "kept" : "broken"] += 1;
      expect(kept).toBe(keepsPairs(history));
    }),
    { numRuns: 3_000 },
  );
  expect(Math.min(seen.kept, seen.broken)).toBeGreaterThan(200);
});

function keepsPairs(history: readonly HistoryEntry[]): boolean {
  const places = (type: HistoryEntry["type"], n: number) =>
    history.flatMap((entry, at) =>
      entry.type === type && "id" in entry && entry.id === `a${n}` ? [at] : []
    );
  for (let n = 1; n <= 4; n++) {
    for (let later = n + 1; later <= 4; later++) {
      const arrivals = places("received", later);
      const [first] = arrivals;
      if (first === undefined) continue;
      const own = places("received", n);
      // The later one's last copy comes after every copy of this one.
      if (!own.every((at) => at < arrivals.at(-1)!)) return false;
      if (own.length === 0) return false;
      const excused = [...own, ...places("refused", n)];
      if (!excused.some((at) => at < first)) return false;
    }
  }
  return true;
}
