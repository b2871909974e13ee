/**
 * A share of the scenarios: `npm run scenarios -- --seeds 10000` runs more.
 */

import { expect, test } from "vitest";
import { runScenario } from "./scenario.ts";

const SCENARIOS = 120;
const ABREAST = 12;

test(
  `${SCENARIOS} brokers in trouble lose, reorder and kill nothing`,
  { timeout: 180_000 },
  async () => {
    let next = 1;
    const broken: string[] = [];
    let troubles = 0;
    const work = async () => {
      while (next <= SCENARIOS) {
        const seed = next++;
        const { violations, done } = await runScenario(seed);
        for (const count of Object.values(done)) troubles += count;
        broken.push(...violations.map((violation) => `${seed}: ${violation}`));
      }
    };
    await Promise.all(Array.from({ length: ABREAST }, work));
    expect(broken).toEqual([]);
    expect(troubles).toBeGreaterThan(5 * SCENARIOS);
  },
);
