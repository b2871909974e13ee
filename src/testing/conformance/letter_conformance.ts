/**
 * Letter box conformance: what every letter box does, as a list of cases for
 * any test runner.
 *
 * @module
 */

import type { ConformanceCase } from "./conformance_case.ts";
import { onLetterBench } from "./letter_bench.ts";
import { letterCases } from "./letter_cases.ts";
import type { CreateLetterHarness } from "./letter_harness.ts";
import { letterTextCases } from "./letter_text_cases.ts";

/** What {@link letterConformance} takes. */
export interface LetterConformanceOptions<Tx> {
  /** Makes a harness; called anew for each case. */
  readonly create: CreateLetterHarness<Tx>;
}

/**
 * Lists what a storage with a letter box must do. Each case makes a database
 * of its own and closes it; none waits for time to pass.
 *
 * @example
 * ```ts
 * declare const test: (name: string, run: () => Promise<void>) => void;
 * declare const create: Parameters<typeof letterConformance>[0]["create"];
 * for (const { name, run } of letterConformance({ create })) test(name, run);
 * ```
 */
export function letterConformance<Tx>(
  options: LetterConformanceOptions<Tx>,
): readonly ConformanceCase[] {
  const create = options.create as CreateLetterHarness<unknown>;
  return [...letterCases, ...letterTextCases].map((one) => ({
    name: one.name,
    run: () => onLetterBench(create, one),
  }));
}
