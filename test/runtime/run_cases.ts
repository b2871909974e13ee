/**
 * Conformance cases without a test runner: one after the other, and a line of
 * JSON about each, so that every runtime executes the same file.
 *
 * @module
 */

import type { ConformanceCase } from "@mailboat/outbox/testing";

/** What is told, a line each: first the beginning, then every case. */
export type Line =
  | {
    /** How many cases there are. */
    readonly cases: number;
    /** The version of the runtime, as it says itself. */
    readonly version: string;
  }
  | {
    readonly name: string;
    /** What it did instead; `null` when it passed. */
    readonly error: string | null;
  };

/** Thousands of races in a file, on a machine that does much else. */
const PATIENCE_MS = 120_000;

/** Runs them all, whatever becomes of one. */
export async function runCases(
  cases: readonly ConformanceCase[],
  { version, tell }: {
    readonly version: string;
    readonly tell: (line: Line) => void;
  },
): Promise<void> {
  tell({ cases: cases.length, version });
  for (const { name, run } of cases) {
    tell({ name, error: await outcomeOf(run) });
  }
}

async function outcomeOf(run: () => Promise<void>): Promise<string | null> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const complain = () => reject(new Error(`not done in ${PATIENCE_MS} ms`));
    timer = setTimeout(complain, PATIENCE_MS);
  });
  try {
    await Promise.race([run(), late]);
    return null;
  } catch (error) {
    return error instanceof Error ? error.stack ?? error.message : `${error}`;
  } finally {
    clearTimeout(timer);
  }
}
