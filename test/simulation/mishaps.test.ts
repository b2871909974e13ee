import { expect, test } from "vitest";
import { runScenario } from "./exhaustive.ts";
import { type Mishap, mishapsAt, TWINS } from "./mishaps.ts";
import { SCENARIOS } from "./scenarios.ts";

test("no operation has a mishap twice", () => {
  expect(mishapsAt("settle")).toHaveLength(9);
  expect(mishapsAt("read")).toEqual([
    "fail before",
    "busy",
    "kill before",
    "pause before",
    "pause after",
    "slow before",
    "slow after",
  ]);
});

const names = ["two relays", "a lane deeper than memory"];

test("what is left out at an operation is the same as another mishap, or none", async () => {
  const met = new Set<string>();
  for (const scenario of SCENARIOS.filter(({ name }) => names.includes(name))) {
    const run = (mishap: Mishap | null, at: number) =>
      runScenario(scenario, mishap, at);
    const { operations } = await run(null, 0);
    for (const [index, operation] of operations.entries()) {
      for (const [mishap, twin] of Object.entries(TWINS[operation] ?? {})) {
        met.add(operation);
        const leftOut = await run(mishap as Mishap, index + 1);
        expect(leftOut).toEqual(await run(twin, index + 1));
      }
    }
  }
  expect([...met].sort()).toEqual(Object.keys(TWINS).sort());
});
