/**
 * How figures are shown: as a table for people, as lines of JSON for programs.
 *
 * @module
 */

import type { Figure } from "./figure.ts";
import type { Facts } from "./machine.ts";
import type { Spread } from "./statistics.ts";

/** The facts, one on a line. */
export function factsText(facts: Facts): string {
  const width = Math.max(...Object.keys(facts).map((name) => name.length));
  return Object.entries(facts)
    .map(([name, fact]) => `${name.padEnd(width)}  ${fact}`).join("\n");
}

const HEAD = ["figure", "unit", "ours", "compared with", "reference", "ratio"];

/** The figures of one scenario as a table: medians, and in brackets the least and the most. */
export function tableText(figures: readonly Figure[]): string {
  const rows = figures.map(({ figure, unit, ours, ...its }) => [
    figure,
    unit,
    spreadText(ours),
    its.against ?? "",
    spreadText(its.reference),
    spreadText(its.ratio),
  ]);
  const widths = HEAD.map((title, at) =>
    Math.max(title.length, ...rows.map((row) => row[at]!.length))
  );
  const line = (cells: readonly string[]) =>
    cells.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd();
  const rule = widths.map((width) => "-".repeat(width));
  return [HEAD, rule, ...rows].map(line).join("\n");
}

/** One figure as a line of JSON: medians, and the spreads beside them. */
export function jsonLine(scenario: string, its: Figure): string {
  const { figure, unit, against } = its;
  return JSON.stringify({
    scenario,
    figure,
    unit,
    ours: its.ours.median,
    against,
    reference: its.reference?.median ?? null,
    ratio: its.ratio?.median ?? null,
    spread: {
      ours: ends(its.ours),
      reference: ends(its.reference),
      ratio: ends(its.ratio),
    },
  });
}

function ends(spread: Spread | null): readonly [number, number] | null {
  return spread && [spread.min, spread.max];
}

function spreadText(spread: Spread | null): string {
  if (spread === null) return "";
  const { median, min, max } = spread;
  return `${short(median)} (${short(min)}–${short(max)})`;
}

/** Three digits that count, or all before the point. */
function short(value: number): string {
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
