import { expect, test } from "vitest";
import { simulate } from "./world.ts";

const SEEDS = Number(process.env.SIMULATION_SEEDS ?? 300);
const FIRST = Number(process.env.SIMULATION_FIRST ?? 1);

test("every seed keeps every promise", async () => {
  const bad: unknown[] = [];
  const situations = new Map<string, number>();
  for (let seed = FIRST; seed < FIRST + SEEDS; seed++) {
    let report;
    try {
      report = await simulate(seed);
    } catch (error) {
      bad.push({ seed, error: String(error) });
      continue;
    }
    for (const one of report.situations) {
      situations.set(one, (situations.get(one) ?? 0) + 1);
    }
    const {
      lost,
      phantom,
      reordered,
      duplicatesOverBound,
      attemptsUnexplained,
      drained,
      restless,
    } = report;
    if (
      lost + phantom + reordered + duplicatesOverBound + attemptsUnexplained +
            restless > 0 || !drained
    ) bad.push(report);
  }
  console.log(situations);
  console.log(bad.length, JSON.stringify(bad.slice(0, 12), null, 1));
  expect(bad).toEqual([]);
}, 1e6);
