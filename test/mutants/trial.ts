/**
 * The trial of a mutant: its tests, the quickest first, until one notices.
 *
 * @module
 */

import { createCopy } from "./copy.ts";
import type { Mutant } from "./mutant.ts";
import type { TestRun, TestRunner } from "./test_run.ts";

/** What came of a trial. Only `killed` is good. */
export interface Verdict {
  readonly mutant: Mutant;
  readonly kind: "killed" | "survived" | "broken";
  /** The test that noticed; empty without one. */
  readonly by: string;
  /** What it said, or why the tests did not run. */
  readonly why: string;
  readonly tookMs: number;
}

/** How long the tests of one mutant may take. */
const LIMIT_MS = 60_000;

/** Tries one mutant in a copy of the tree at `root`, made under `folder`. */
export async function tryMutant(
  mutant: Mutant,
  { root, folder, runner }: {
    readonly root: string;
    readonly folder: string;
    readonly runner: TestRunner;
  },
): Promise<Verdict> {
  const beganMs = performance.now();
  const tookMs = () => performance.now() - beganMs;
  const copy = createCopy(root, folder, mutant);
  try {
    let last: TestRun = { kind: "passed" };
    for (const file of mutant.killedBy) {
      const limitMs = Math.max(1, LIMIT_MS - tookMs());
      last = await runner.run(copy, [file], { limitMs, workers: 1 });
      if (last.kind !== "passed") break;
    }
    return { mutant, tookMs: tookMs(), ...judged(last) };
  } finally {
    copy.remove();
  }
}

function judged(run: TestRun): Pick<Verdict, "kind" | "by" | "why"> {
  switch (run.kind) {
    case "passed":
      return { kind: "survived", by: "", why: "" };
    case "failed":
      return { kind: "killed", by: run.test, why: run.why };
    case "broken":
      return { kind: "broken", by: "", why: run.why };
  }
}
