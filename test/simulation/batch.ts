/**
 * A batch of seeds: runs them, counts what they reached, keeps what failed.
 *
 * @module
 */

import { guarded } from "./guard.ts";
import { FAULT_KINDS, type FaultKind } from "./plan.ts";
import { simulate } from "./simulate.ts";
import type { Report } from "./trial.ts";

/** A seed that broke a promise. */
export interface Failure {
  readonly seed: number;
  readonly violations: readonly string[];
  /** Faults that it does not need to fail. */
  readonly without: readonly FaultKind[];
}

/** What a batch adds up to; a value that can be sent to another thread. */
export interface Batch {
  readonly seeds: number;
  readonly messages: number;
  readonly failures: readonly Failure[];
  /** How many seeds reached each situation. */
  readonly situations: Readonly<Record<string, number>>;
}

/** Which seeds to run. */
export interface BatchRequest {
  readonly first: number;
  readonly seeds: number;
  /** Faults to leave out. */
  readonly without?: readonly FaultKind[];
}

/**
 * Every this many seeds, one is run a second time, through macrotasks: equal
 * digests prove that it can be replayed, and that the first run let nothing
 * wait that could run.
 */
const REPEAT_EVERY = 100;

const NOTHING: Report = {
  violations: [],
  situations: [],
  committed: 0,
  received: 0,
  drainedInMs: null,
  operations: 0,
  digest: "",
};

/** Runs the seeds one by one. */
export async function runBatch(request: BatchRequest): Promise<Batch> {
  const { first, seeds, without = [] } = request;
  const failures: Failure[] = [];
  const situations: Record<string, number> = {};
  let messages = 0;
  for (let seed = first; seed < first + seeds; seed++) {
    const report = await attempt(seed, without);
    messages += report.received;
    for (const one of report.situations) {
      situations[one] = (situations[one] ?? 0) + 1;
    }
    const violations = [...report.violations];
    if (seed % REPEAT_EVERY === 0) {
      const again = await simulate(seed, { without, settling: "macrotasks" });
      if (again.digest !== report.digest) violations.push("two runs differ");
    }
    if (violations.length === 0) continue;
    failures.push({ seed, violations, without: await shrink(seed, without) });
  }
  return { seeds, messages, failures, situations };
}

/** Adds batches up. */
export function sum(one: Batch, other: Batch): Batch {
  const situations = { ...one.situations };
  for (const [name, count] of Object.entries(other.situations)) {
    situations[name] = (situations[name] ?? 0) + count;
  }
  return {
    seeds: one.seeds + other.seeds,
    messages: one.messages + other.messages,
    failures: [...one.failures, ...other.failures],
    situations,
  };
}

/** Runs a seed; what it throws breaks every promise. */
async function attempt(
  seed: number,
  without: readonly FaultKind[],
): Promise<Report> {
  try {
    return await guarded(() => simulate(seed, { without }));
  } catch (error) {
    return { ...NOTHING, violations: [String(error)] };
  }
}

/** Leaves out one kind of fault after the other, as long as the seed fails. */
async function shrink(
  seed: number,
  without: readonly FaultKind[],
): Promise<readonly FaultKind[]> {
  const isBroken = ({ violations }: Report) => violations.length > 0;
  let needless = without;
  for (const kind of FAULT_KINDS) {
    if (needless.includes(kind)) continue;
    const fewer = [...needless, kind];
    if (isBroken(await attempt(seed, fewer))) needless = fewer;
  }
  return needless;
}
