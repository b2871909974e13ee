/**
 * Resting: in every fifth seed outcomes wait for others when nothing is left to
 * send.
 *
 * For how long comes from dice of their own, so that the other seeds are what
 * they were.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import type { Plan } from "./plan.ts";

/** Which seeds: none of those that are kept for a fault without it. */
const EVERY = 5;
const FROM = 3;

/** The plan of a seed, in which outcomes are recorded at once or later. */
export function withResting(
  plan: Plan,
  seed: number,
  random: SeededRandom,
): Plan {
  if (seed % EVERY !== FROM) return plan;
  const settleIdleMs = random.pick([5, 50, 500, 5_000]);
  return { ...plan, setting: { ...plan.setting, settleIdleMs } };
}
