import { expect, test } from "vitest";
import { type History, judgeHistory } from "./checker.ts";

const clean = {
  lost: 0,
  phantom: 0,
  reordered: 0,
  duplicates: 0,
  duplicatesOverBound: 0,
};

test("what arrived once and in order is clean, whatever order the keys are in", () => {
  expect(judge(["b1", "a1", "a2"])).toEqual(clean);
});

test("a redelivery before its successor is a duplicate and no disorder", () => {
  expect(judge(["a1", "a1", "b1", "a2"])).toEqual({
    ...clean,
    duplicates: 1,
    duplicatesOverBound: 1,
  });
  expect(judge(["a1", "a1", "b1", "a2"], { duplicatesAllowed: 1 }))
    .toEqual({ ...clean, duplicates: 1 });
});

test.each<[string, string[], Partial<typeof clean>]>([
  ["a missing message", ["a1", "b1"], { lost: 1 }],
  ["a missing predecessor", ["a2", "b1"], { lost: 1, reordered: 1 }],
  ["a first delivery too early", ["a2", "a1", "b1"], { reordered: 1 }],
  [
    "a redelivery after its successor",
    ["a1", "a2", "a1", "b1"],
    { reordered: 1, duplicates: 1, duplicatesOverBound: 1 },
  ],
  ["a message nobody committed", ["a1", "x9", "a2", "b1"], {
    phantom: 1,
    reordered: 1,
  }],
])("%s is found", (_, received, faults) => {
  expect(judge(received)).toEqual({ ...clean, ...faults });
});

test("what an operator discarded is neither lost nor in the way", () => {
  expect(judge(["a2", "b1"], { discarded: new Set(["a1"]) })).toEqual(clean);
});

test("what gave up its place may come at any time", () => {
  expect(judge(["a2", "b1", "a1"], { skipped: new Set(["a1"]) })).toEqual(
    clean,
  );
});

test("a history that was cut short lacks nothing at its end", () => {
  expect(judge(["a1"], { complete: false })).toEqual(clean);
});

function judge(received: string[], more: Partial<History> = {}) {
  return judgeHistory({
    committed: ["a1", "b1", "a2"].map(mark),
    received: received.map((id) => ({ message: mark(id) })),
    discarded: new Set(),
    skipped: new Set(),
    duplicatesAllowed: 0,
    complete: true,
    ...more,
  });
}

function mark(id: string) {
  return { id, key: id.slice(0, 1) };
}
