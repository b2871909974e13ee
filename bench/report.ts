/**
 * How figures are shown: as a table for people, as lines of JSON for programs.
 *
 * @module
 */

import type { Figure } from "./figure.ts";
import type { Facts } from "./machine.ts";
import type { Spread } from "./statistics.ts";
import { passes, targetText } from "./target.ts";

/** The facts, one on a line. */
export function factsText(facts: Facts): string {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  return Object.entries(facts)
    .map(([name, fact]) => `${name.padEnd(width)}  ${fact}`).join("\n");
}

const HEAD = [
  "figure",
  "unit",
  "ours",
  "compared with",
  "reference",
  "ratio",
  "target",
];

/** The figures of one scenario as a table: medians, and in brackets the least and the most. */
export function tableText(figures: readonly Figure[]): string {
  const rows = figures.map((its) => [
    its.figure,
    its.unit,
    spreadText(its.ours),
    its.against ?? "",
    spreadText(its.reference),
    spreadText(its.ratio),
    verdictOf(its),
  ]);
  const widths = HEAD.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]!.length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd();
  const rule = widths.map((width) => "-".repeat(width));
  return [HEAD, rule, ...rows].map(line).join("\n");
}

/** How many of the targets are met, in one line. */
export function summaryText(figures: readonly Figure[]): string {
  const verdicts = figures.map(passes).filter((passed) => passed !== null);
  const met = verdicts.filter(Boolean).length;
  return `${met} of ${verdicts.length} targets met`;
}

/** A figure as it is printed and kept: medians, and the spreads beside them. */
export interface FigureRecord {
  readonly scenario: string;
  readonly figure: string;
  readonly unit: string;
  readonly ours: number;
  readonly against: string | null;
  readonly reference: number | null;
  readonly ratio: number | null;
  readonly target: string | null;
  readonly pass: boolean | null;
  readonly spread: {
    readonly ours: Ends;
    readonly reference: Ends | null;
    readonly ratio: Ends | null;
  };
}

/** The least and the most. */
export type Ends = readonly [min: number, max: number];

/** One figure as what a line of JSON holds. */
export function recordOf(scenario: string, its: Figure): FigureRecord {
  const { figure, unit, against } = its;
  return {
    scenario,
    figure,
    unit,
    ours: its.ours.median,
    against,
    reference: its.reference?.median ?? null,
    ratio: its.ratio?.median ?? null,
    target: targetText(its),
    pass: passes(its),
    spread: {
      ours: ends(its.ours),
      reference: its.reference && ends(its.reference),
      ratio: its.ratio && ends(its.ratio),
    },
  };
}

function ends({ min, max }: Spread): Ends {
  return [min, max];
}

function verdictOf(figure: Figure): string {
  const target = targetText(figure);
  if (target === null) return "";
  return `${target}: ${passes(figure) ? "met" : "MISSED"}`;
}

function spreadText(spread: Spread | null): string {
  if (spread === null) return "";
  const { median, min, max } = spread;
  return `${short(median)} (${short(min)}–${short(max)})`;
}

/** Three digits that count, or all before the point. */
export function short(value: number): string {
  const digits = Math.abs(value) >= 100
    ? 0
    : Math.abs(value) >= 10
    ? 1
    : Math.abs(value) >= 1
    ? 2
    : 3;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
