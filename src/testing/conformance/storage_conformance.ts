/**
 * Storage conformance: the behaviours that every storage adapter has, as a list
 * of cases for any test runner.
 *
 * @module
 */

import { checkedNumber } from "../../logic/options.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { crashCases } from "./crash_cases.ts";
import { cutCases } from "./cut_cases.ts";
import { deadLetterCases } from "./dead_letter_cases.ts";
import { enqueueCases } from "./enqueue_cases.ts";
import { laneCases } from "./lane_cases.ts";
import { expiredCases } from "./expired_cases.ts";
import { leaseCases } from "./lease_cases.ts";
import { lifecycleCases } from "./lifecycle_cases.ts";
import { positionCases } from "./position_cases.ts";
import { readingCases } from "./reading_cases.ts";
import { relayCases } from "./relay_cases.ts";
import { rivalCases } from "./rival_cases.ts";
import { roundTripCases } from "./round_trip_cases.ts";
import { sequenceCases } from "./sequence_cases.ts";
import { settlingCases } from "./settling_cases.ts";
import { onBench, type StorageCase } from "./storage_bench.ts";
import type { CreateStorageHarness } from "./storage_harness.ts";

/** What {@link storageConformance} takes. */
export interface StorageConformanceOptions<Tx, Statement = never> {
  /** Makes a harness; called anew for each case. */
  readonly create: CreateStorageHarness<Tx, Statement>;
  /**
   * How often two race for the lease; real relays do it a tenth as often.
   *
   * @default {2000}
   */
  readonly races?: number;
}

/**
 * Lists what a storage must do. Each case makes a database of its own and
 * closes it; none waits for time to pass.
 *
 * @throws {InputError} `INVALID_OPTION` when `races` is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * declare const test: (name: string, run: () => Promise<void>) => void;
 * declare const create: Parameters<typeof storageConformance>[0]["create"];
 * for (const { name, run } of storageConformance({ create })) test(name, run);
 * ```
 */
export function storageConformance<Tx, Statement = never>(
  options: StorageConformanceOptions<Tx, Statement>,
): readonly ConformanceCase[] {
  const races = checkedRaces(options.races);
  const create = options.create as CreateStorageHarness<unknown, unknown>;
  return storageCases.map((one) => ({
    name: one.name,
    run: () => onBench(create, races, one),
  }));
}

/** The cases of every storage. */
export const storageCases: readonly StorageCase[] = [
  ...lifecycleCases,
  ...enqueueCases,
  ...roundTripCases,
  ...sequenceCases,
  ...positionCases,
  ...readingCases,
  ...laneCases,
  ...settlingCases,
  ...leaseCases,
  ...deadLetterCases,
  ...expiredCases,
  ...cutCases,
  ...relayCases,
  ...rivalCases,
  ...crashCases,
];

/** How often two race for the lease. */
export function checkedRaces(value: number | undefined): number {
  return checkedNumber({
    action: "list the cases of a storage",
    option: "races",
    value,
    default: 2_000,
    min: 1,
  });
}
