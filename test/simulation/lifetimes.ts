/**
 * Lifetimes: in some seeds messages have a time to live.
 *
 * They come from dice of their own, so that every other seed is what it was.
 * A relay cannot know of a jump while it was not there, and of one that was
 * undone before it looked: such seeds have one wall clock for everybody, which
 * jumps once, and then nobody is started anew.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import type { FaultKind, Plan } from "./plan.ts";

/** How long messages live. */
export interface Lifetimes {
  readonly random: SeededRandom;
  /** The part of messages that have a time to live. */
  readonly part: number;
  /** The longest one, in ms. */
  readonly maxMs: number;
}

const SEEDS_WITH_LIFETIMES = 0.25;

/** What ends a relay, so that another one starts. */
const ENDS: readonly FaultKind[] = [
  "kill",
  "powerCut",
  "stop",
  "killInside",
  "killer",
];

/** The plan of a seed, with or without lifetimes. */
export function withLifetimes(plan: Plan, random: SeededRandom): Plan {
  if (!random.chance(SEEDS_WITH_LIFETIMES)) return plan;
  const setting = { ...plan.setting, drift: 0, isOneClock: true };
  const rates = { ...plan.rates };
  if (rates.clock > 0) { for (const kind of ENDS) rates[kind] = 0; }
  const part = random.pick([0.1, 0.5, 1]);
  const maxMs = random.pick([20, 500, 5_000, 2 * plan.chaosMs]);
  return { ...plan, setting, rates, lifetimes: { random, part, maxMs } };
}

/** How long the next message lives, in ms. */
export function nextTtlMs(lifetimes: Lifetimes | null): number | null {
  if (lifetimes === null) return null;
  const { random, part, maxMs } = lifetimes;
  return random.chance(part) ? random.integer(1, maxMs) : null;
}
