/**
 * The report: a line for each mutant, and a table of the guarantees.
 *
 * @module
 */

import { GUARANTEES } from "./mutant.ts";
import type { Verdict } from "./trial.ts";

/** What became of one mutant. */
export function lineOf({ mutant, kind, by, why, tookMs }: Verdict): string {
  const { guarantee, name } = mutant;
  const what = {
    killed: `killed by ${by}`,
    survived: "SURVIVED",
    broken: `DID NOT RUN: ${why}`,
  }[kind];
  return `${guarantee}  ${name}: ${what} (${seconds(tookMs)})`;
}

/** How many mutants of each guarantee were killed. */
export function tableOf(verdicts: readonly Verdict[], tookMs: number): string {
  const rows = GUARANTEES.flatMap((guarantee) => {
    const its = verdicts.filter(({ mutant }) => mutant.guarantee === guarantee);
    return its.length === 0 ? [] : [`${guarantee}  ${countOf(its)}`];
  });
  return [...rows, `all ${countOf(verdicts)} in ${seconds(tookMs)}`].join("\n");
}

/** The result on one line, for programs. */
export function jsonLine(verdicts: readonly Verdict[], tookMs: number): string {
  return JSON.stringify({
    mutants: verdicts.length,
    killed: verdicts.filter(({ kind }) => kind === "killed").length,
    seconds: Math.round(tookMs / 1_000),
    verdicts: verdicts.map(({ mutant, kind, by, why, tookMs }) => ({
      guarantee: mutant.guarantee,
      name: mutant.name,
      verdict: kind,
      by,
      why,
      seconds: Number((tookMs / 1_000).toFixed(1)),
    })),
  });
}

function countOf(verdicts: readonly Verdict[]): string {
  const killed = verdicts.filter(({ kind }) => kind === "killed");
  return `${killed.length} of ${verdicts.length} killed`;
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
