/**
 * Targets: what a figure is meant to be, and whether it is.
 *
 * @module
 */

import type { Spread } from "./statistics.ts";

/** What is looked at: the measured value, its ratio to the reference, or what it has more. */
type Aspect = "ours" | "ratio" | "difference";

/** A bound for the median of one aspect. */
export interface Target {
  readonly of: Aspect;
  readonly bound: "least" | "most";
  readonly value: number;
}

/** The measured values that a target may look at. */
export interface Measured {
  readonly unit: string;
  readonly ours: Spread;
  readonly reference: Spread | null;
  readonly ratio: Spread | null;
  readonly target: Target | null;
}

/** At least so much. */
export function atLeast(value: number, of: Aspect = "ours"): Target {
  return { of, bound: "least", value };
}

/** At most so much. */
export function atMost(value: number, of: Aspect = "ours"): Target {
  return { of, bound: "most", value };
}

/** Whether the median keeps the bound; `null` where there is none. A value that is not a number never does. */
export function passes(measured: Measured): boolean | null {
  const { target } = measured;
  if (target === null) return null;
  const value = aspectOf(measured, target.of);
  return target.bound === "least"
    ? value >= target.value
    : value <= target.value;
}

/** The bound in words: `ratio ≥ 0.9`, `≤ 10 ms`, `at most 5 ms more`. */
export function targetText({ target, unit }: Measured): string | null {
  if (target === null) return null;
  const { of, bound, value } = target;
  const sign = bound === "least" ? "≥" : "≤";
  if (of === "ratio") return `ratio ${sign} ${value}`;
  if (of === "ours") return `${sign} ${value} ${unit}`;
  return `at ${bound} ${value} ${unit} more`;
}

function aspectOf({ ours, reference, ratio }: Measured, of: Aspect): number {
  if (of === "ours") return ours.median;
  if (of === "ratio") return ratio?.median ?? NaN;
  return ours.median - (reference?.median ?? NaN);
}
