/**
 * The tally: what came of the cases of an entry, and of a row.
 *
 * @module
 */

import type { Ended } from "../support/project.ts";
import type { Row } from "./rows.ts";
import type { Line } from "./run_cases.ts";

/** What came of the cases of one entry. */
export interface Tally {
  /** What the runtime calls itself; empty when it said nothing. */
  readonly version: string;
  readonly cases: number;
  readonly passed: number;
  /** What failed and why, a text each. */
  readonly failures: readonly string[];
}

/** What came of a row. */
export type Result =
  | { readonly row: Row; readonly tallies: readonly Tally[] }
  | {
    readonly row: Row;
    /** Why it was not run. */
    readonly skipped: string;
  };

/** A row in figures, as `--json` prints it. */
export interface Figures {
  readonly runtime: string;
  readonly version: string;
  readonly cases: number;
  readonly passed: number;
  readonly failed: number;
  /** Why it was not run, where it was not. */
  readonly skipped?: string;
}

/** How much is quoted of what a process said when it died, in characters. */
const MAX_SAID = 4_000;

/** Reads what a process printed. A case that it never came to has failed. */
export function tallyOf({ status, stdout, stderr }: Ended): Tally {
  const lines = stdout.split("\n").filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as Line);
  const beginning = lines.find((line) => "cases" in line);
  const done = lines.filter((line) => "name" in line);
  const failures = done.flatMap(({ name, error }) =>
    error === null ? [] : [`${name}: ${error}`]
  );
  const passed = done.length - failures.length;
  const tally = { version: "", cases: 0, ...beginning, passed, failures };
  const missing = tally.cases - done.length;
  if (missing === 0 && status === 0) return tally;
  const said = (stderr.trim() || stdout.trim()).slice(-MAX_SAID);
  return failed(tally, `${missing} cases did not run: ${status}\n${said}`);
}

/** A tally with one more failure, which is none of its cases. */
export function failed(tally: Tally, why: string): Tally {
  return { ...tally, failures: [...tally.failures, why] };
}

/** The figures of a row; a failure outside of the cases counts as a case. */
export function figuresOf({ row: { runtime }, ...result }: Result): Figures {
  if ("skipped" in result) {
    const { skipped } = result;
    return { runtime, version: "", cases: 0, passed: 0, failed: 0, skipped };
  }
  const { tallies } = result;
  const passed = sum(tallies, ({ passed }) => passed);
  const failed = sum(
    tallies,
    ({ cases, passed, failures }) => Math.max(cases - passed, failures.length),
  );
  const version = tallies.map(({ version }) => version).find(Boolean) ?? "";
  return { runtime, version, cases: passed + failed, passed, failed };
}

function sum(
  tallies: readonly Tally[],
  figureOf: (tally: Tally) => number,
): number {
  return tallies.reduce((total, tally) => total + figureOf(tally), 0);
}
