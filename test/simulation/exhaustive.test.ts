import { expect, test } from "vitest";
import { exhaust } from "./exhaustive.ts";
import { SCENARIOS } from "./scenarios.ts";

test("there are at least 30 scenarios, and no name means two of them", () => {
  const names = new Set(SCENARIOS.map(({ name }) => name));
  expect(names.size).toBe(SCENARIOS.length);
  expect(names.size).toBeGreaterThanOrEqual(30);
});

test.each(SCENARIOS.map((scenario) => [scenario.name, scenario] as const))(
  "%s: whatever happens at whatever operation, every promise is kept",
  async (_, scenario) => {
    const { failures, operations, runs } = await exhaust(scenario);
    expect(failures).toEqual([]);
    expect(operations).toBeGreaterThan(8);
    expect(runs).toBeGreaterThan(60);
  },
  180_000,
);
