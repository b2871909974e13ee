/**
 * Results that are kept: a file a day, the newest of each scenario.
 *
 * @module
 */

import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import type { Course } from "./course.ts";
import type { Facts } from "./machine.ts";
import type { FigureRecord } from "./report.ts";

/** What one scenario found. */
export interface ScenarioResult {
  /** Whether it was a quick run: the shape of the figures, not their value. */
  readonly quick: boolean;
  readonly facts: Facts;
  readonly figures: readonly FigureRecord[];
  /** How it went over time, where that is what was asked. */
  readonly course?: Course;
  /** What was left out. */
  readonly skipped?: readonly Skipped[];
}

/** Something that was left out, and why. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** What was found on one day. */
export interface Results {
  /** `2026-11-26`. */
  readonly date: string;
  readonly scenarios: Readonly<Record<string, ScenarioResult>>;
}

/** The folder of the results, from `dist/bench`. */
export const RESULTS_FOLDER: string = fileURLToPath(
  new URL("../../bench/results", import.meta.url),
);

/** Adds what a run found to the results of its day. */
export function keep(
  found: Readonly<Record<string, ScenarioResult>>,
  { date, folder = RESULTS_FOLDER }: {
    readonly date: string;
    readonly folder?: string;
  },
): string {
  mkdirSync(folder, { recursive: true });
  const file = `${folder}/${date}.json`;
  const kept = existsSync(file) ? readResults(file).scenarios : {};
  const results: Results = { date, scenarios: { ...kept, ...found } };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  return file;
}

/** The newest result of each scenario, with its day. */
export function newestResults(
  folder: string,
): Readonly<Record<string, ScenarioResult & { readonly date: string }>> {
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  const days = files.sort().map((name) => readResults(`${folder}/${name}`));
  return Object.fromEntries(
    days.flatMap(({ date, scenarios }) =>
      Object.entries(scenarios).map(([name, its]) => [name, { ...its, date }])
    ),
  );
}

function readResults(file: string): Results {
  return JSON.parse(readFileSync(file, "utf8")) as Results;
}
