/**
 * Conformance of a storage without interactive transactions: the cases of
 * every storage that need no handle, and those that a batch takes the place in.
 *
 * @module
 */

import { batchCases } from "./batch_cases.ts";
import { collecting, type CreateBatchHarness } from "./batch_harness.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { onBench } from "./storage_bench.ts";
import { checkedRaces, storageCases } from "./storage_conformance.ts";

/** What {@link batchStorageConformance} takes. */
export interface BatchStorageConformanceOptions<Statement> {
  /** Makes a harness; called anew for each case. */
  readonly create: CreateBatchHarness<Statement>;
  /**
   * How often two race for the lease; real relays do it a tenth as often.
   *
   * @default {2000}
   */
  readonly races?: number;
}

/**
 * Lists what a storage must do whose users write in batches. Each case makes a
 * database of its own and closes it; none waits for time to pass.
 *
 * @throws {InputError} `INVALID_OPTION` when `races` is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * declare const test: (name: string, run: () => Promise<void>) => void;
 * declare const create:
 *   Parameters<typeof batchStorageConformance>[0]["create"];
 * for (const { name, run } of batchStorageConformance({ create })) test(name, run);
 * ```
 */
export function batchStorageConformance<Statement>(
  options: BatchStorageConformanceOptions<Statement>,
): readonly ConformanceCase[] {
  const races = checkedRaces(options.races);
  const create = options.create as CreateBatchHarness<unknown>;
  const createCollecting = async () => collecting(await create());
  return [...storageCases.filter((one) => !one.interactive), ...batchCases]
    .map((one) => ({
      name: one.name,
      run: () => onBench(createCollecting, races, one),
    }));
}
