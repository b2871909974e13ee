import { expect, test } from "vitest";
import { planKills } from "../../../examples/saga/kills.ts";

test("every service is killed, however few the orders, and before they are decided", () => {
  for (const orders of [1, 40, 60, 500, 2_000]) {
    const plan = planKills({ orders, seed: 1 });
    expect(new Set(plan.map(({ victim }) => victim)).size).toBe(3);
    const steps = plan.map(({ afterSteps }) => afterSteps);
    expect(steps).toEqual(steps.toSorted((a, b) => a - b));
    expect(steps.at(-1)).toBeLessThanOrEqual(orders * 4);
    expect(plan.length).toBe(Math.max(6, orders / 25));
  }
});

test("the seed decides", () => {
  const plan = planKills({ orders: 500, seed: 1 });
  expect(planKills({ orders: 500, seed: 1 })).toEqual(plan);
  expect(planKills({ orders: 500, seed: 2 })).not.toEqual(plan);
});
