/**
 * What a run found, for people and for programs.
 *
 * @module
 */

import type { Series } from "./campaign.ts";
import type { Options } from "./options.ts";

/** Whether the promises held, and the rig was able to see if they had not. */
export interface Outcome {
  readonly violated: readonly Series[];
  readonly blind: readonly Series[];
}

/** Looks for broken promises, and for controls that went unnoticed. */
export function outcomeOf(series: readonly Series[]): Outcome {
  return {
    violated: series.filter(({ trial, tally }) =>
      !trial.control && tally.guilty > 0
    ),
    blind: series.filter(({ trial, tally }) =>
      trial.control && tally.guilty === 0
    ),
  };
}

/** A table, the broken promises, and the judgement. */
export function reportOf(series: readonly Series[]): string {
  const rows = [
    ["", "", "cuts", "guilty", "newest lost", "most", "violations"],
    ...series.map(({ how, trial, tally }) => [
      how,
      trial.control ? `${trial.name} (control)` : trial.name,
      `${tally.cuts}`,
      `${tally.guilty}`,
      `${tally.lostNewest}`,
      `${tally.mostLostNewest}`,
      Object.entries(tally.violated).map((entry) => entry.join(" "))
        .join(", ") || "none",
    ]),
  ];
  const widths = rows[0]!.map((_, at) =>
    Math.max(...rows.map((row) => row[at]!.length))
  );
  const table = rows.map((row) =>
    row.map((cell, at) => cell.padEnd(widths[at]!)).join("  ").trimEnd()
  );
  const { violated, blind } = outcomeOf(series);
  return [
    ...table,
    "",
    ...violated.flatMap(({ how, trial, tally }) =>
      tally.examples.map((example) => `${how}, ${trial.name}: ${example}`)
    ),
    ...blind.map(({ how, trial }) =>
      `BLIND: ${how}, ${trial.name} must be found guilty`
    ),
    violated.length + blind.length > 0
      ? "A promise was broken, or nobody would have noticed."
      : "Every promise was kept.",
  ].join("\n");
}

/** The same as one line. */
export function lineOf(
  series: readonly Series[],
  { seed }: Options,
  seconds: number,
): string {
  const { violated, blind } = outcomeOf(series);
  return JSON.stringify({
    ok: violated.length + blind.length === 0,
    seed,
    seconds,
    series: series.map(({ how, trial: { name, control }, tally }) => ({
      how,
      trial: name,
      control,
      ...tally,
    })),
  });
}
