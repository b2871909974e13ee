/**
 * Pipelining: every third seed has several messages of one key on their way.
 *
 * How many, and of how few keys, comes from dice of their own, so that the
 * other seeds are what they were.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import type { Plan } from "./plan.ts";

/** Which seeds: none of those that are kept for a fault in strict order. */
const EVERY = 3;
const FROM = 1;

/** The plan of a seed, in strict order or in pipelined. */
export function withPipelining(
  plan: Plan,
  seed: number,
  random: SeededRandom,
): Plan {
  if (seed % EVERY !== FROM) return plan;
  const laneWindow = random.pick([2, 3, 8, 64]);
  return {
    ...plan,
    setting: { ...plan.setting, order: "pipelined", laneWindow },
    // Lanes that are long enough to have something behind a failure.
    keys: random.pick([1, 1, 2, 3]),
    transactions: random.pick([3, 8, 20, 40]),
  };
}
