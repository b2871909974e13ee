/**
 * The budget of the core: over it is over, and a slow machine is no excuse
 * and no crime.
 */

import { expect, test } from "vitest";
import { balanceOf, type Weight } from "../../bench/budget.ts";

const budget = { bytes: 30_000, timeByMqtt: 0.5 };
const weight: Weight = {
  bytes: 30_000,
  coreMs: [40, 50, 900],
  mqttMs: [100, 100, 100],
};

const isOver = (its: Partial<Weight>) =>
  balanceOf({ ...weight, ...its }, budget).map(({ isOver }) => isOver);

test("what keeps the budget is not over it, whatever one round says", () => {
  expect(isOver({})).toEqual([false, false]);
});

test("one byte more is over it", () => {
  expect(isOver({ bytes: 30_001 })).toEqual([true, false]);
});

test("a slower import is over it, a slower machine is not", () => {
  expect(isOver({ coreMs: [51, 51, 51] })).toEqual([false, true]);
  expect(isOver({ coreMs: [500, 500, 500], mqttMs: [1_000, 1_000, 1_000] }))
    .toEqual([false, false]);
});
