/**
 * Figures: what a scenario found out.
 *
 * @module
 */

import { type Spread, spreadOf } from "./statistics.ts";
import type { Target } from "./target.ts";

/** One measured value, and what it was compared with in the same rounds. */
export interface Figure {
  /** What was measured. */
  readonly figure: string;
  /** The unit of `ours` and `reference`. */
  readonly unit: string;
  readonly ours: Spread;
  /** What it was compared with, in words, or `null`. */
  readonly against: string | null;
  readonly reference: Spread | null;
  /** `ours ÷ reference`, taken within each round: noise that lasts hits both. */
  readonly ratio: Spread | null;
  /** What it is meant to be, or `null` where it is for information. */
  readonly target: Target | null;
}

/** Samples of ours and of a reference; those at one position are of one round. */
export interface Comparison {
  readonly figure: string;
  readonly unit: string;
  readonly ours: readonly number[];
  readonly against: string;
  readonly reference: readonly number[];
  readonly target?: Target;
}

/** A figure with a reference. */
export function compared(comparison: Comparison): Figure {
  const { figure, unit, ours, against, reference, target } = comparison;
  const ratios = ours.map((value, round) => value / (reference[round] ?? NaN));
  return {
    figure,
    unit,
    ours: spreadOf(ours),
    against,
    reference: spreadOf(reference),
    ratio: spreadOf(ratios),
    target: target ?? null,
  };
}

/** A figure that stands for itself. */
export function alone(
  figure: string,
  unit: string,
  ours: readonly number[],
  target?: Target,
): Figure {
  return {
    figure,
    unit,
    ours: spreadOf(ours),
    against: null,
    reference: null,
    ratio: null,
    target: target ?? null,
  };
}
