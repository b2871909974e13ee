/**
 * The budget of the core: over it is over, and a slow machine is no excuse
 * and no crime.
 */

import { expect, test } from "vitest";
import { balanceOf, BUDGET, type Weight } from "../../bench/budget.ts";
import { read } from "../support/source_tree.ts";

const budget = {
  bytes: { "everything": 30_000, "./mqtt": 9_000 },
  timeByMqtt: 0.5,
};
const weight: Weight = {
  bytes: { "everything": 30_000, "./mqtt": 9_000 },
  coreMs: [40, 50, 900],
  mqttMs: [100, 100, 100],
};

const isOver = (its: Partial<Weight>) =>
  balanceOf({ ...weight, ...its }, budget).map(({ isOver }) => isOver);

test("what keeps the budget is not over it, whatever one round says", () => {
  expect(isOver({})).toEqual([false, false, false]);
});

test("one byte more is over it, wherever it is", () => {
  expect(isOver({ bytes: { ...weight.bytes, "everything": 30_001 } }))
    .toEqual([true, false, false]);
  expect(isOver({ bytes: { ...weight.bytes, "./mqtt": 9_001 } }))
    .toEqual([false, true, false]);
});

test("what has no budget is over it", () => {
  expect(isOver({ bytes: { "./nats": 1 } })).toEqual([true, false]);
});

test("a slower import is over it, a slower machine is not", () => {
  expect(isOver({ coreMs: [51, 51, 51] })).toEqual([false, false, true]);
  expect(isOver({ coreMs: [500, 500, 500], mqttMs: [1_000, 1_000, 1_000] }))
    .toEqual([false, false, false]);
});

test("each entry point has a budget, and no other has one", () => {
  const { exports } = JSON.parse(read("package.json"));
  const subpaths = Object.keys(exports).filter((subpath) =>
    ![".", "./package.json"].includes(subpath)
  );
  const budgeted = Object.keys(BUDGET.bytes).filter((name) =>
    name.startsWith("./")
  );
  expect(budgeted.sort()).toEqual(subpaths.sort());
});
