/**
 * What many cuts add up to.
 *
 * @module
 */

import type { Verdict, Violations } from "./verdict.ts";

/** The sum of verdicts. */
export interface Tally {
  readonly cuts: number;
  /** Cuts that broke a promise, by kind. */
  readonly violated: Readonly<Record<string, number>>;
  /** Cuts that broke any. */
  readonly guilty: number;
  /** Newest transactions that were lost, as NORMAL allows. */
  readonly lostNewest: number;
  /** The most of them in one cut. */
  readonly mostLostNewest: number;
  /** Some of the cuts that broke a promise, for people. */
  readonly examples: readonly string[];
}

const MAX_EXAMPLES = 5;

/** Nothing yet. */
export const NOTHING: Tally = {
  cuts: 0,
  violated: {},
  guilty: 0,
  lostNewest: 0,
  mostLostNewest: 0,
  examples: [],
};

/** The tally of one cut. */
export function tallyOf(
  { violations, lostNewest }: Verdict,
  where: string,
): Tally {
  const kinds = broken(violations);
  return {
    cuts: 1,
    violated: Object.fromEntries(kinds.map((kind) => [kind, 1])),
    guilty: kinds.length > 0 ? 1 : 0,
    lostNewest,
    mostLostNewest: lostNewest,
    examples: kinds.length > 0 ? [`${kinds.join(", ")}: ${where}`] : [],
  };
}

/** Both together. */
export function sum(one: Tally, other: Tally): Tally {
  const violated = { ...one.violated };
  for (const [kind, count] of Object.entries(other.violated)) {
    violated[kind] = (violated[kind] ?? 0) + count;
  }
  return {
    cuts: one.cuts + other.cuts,
    violated,
    guilty: one.guilty + other.guilty,
    lostNewest: one.lostNewest + other.lostNewest,
    mostLostNewest: Math.max(one.mostLostNewest, other.mostLostNewest),
    examples: [...one.examples, ...other.examples].slice(0, MAX_EXAMPLES),
  };
}

function broken(violations: Violations): string[] {
  return Object.entries(violations).filter(([, count]) => count > 0)
    .map(([kind]) => kind);
}
