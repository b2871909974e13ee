/**
 * Transport conformance: the behaviours that every broker adapter has, as a
 * list of cases for any test runner.
 *
 * @module
 */

import { checkedNumber } from "../../logic/options.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { connectingCases } from "./connecting_cases.ts";
import { endingCases } from "./ending_cases.ts";
import { sendingCases } from "./sending_cases.ts";
import { tellingCases } from "./telling_cases.ts";
import { onTransportBench } from "./transport_bench.ts";
import type { CreateTransportHarness } from "./transport_harness.ts";

/** What {@link transportConformance} takes. */
export interface TransportConformanceOptions {
  /** Makes a harness; called anew for each case. */
  readonly create: CreateTransportHarness;
  /**
   * How long a case waits for what must come, in ms. Nothing waits so long
   * unless it fails.
   *
   * @default {10000}
   */
  readonly patienceMs?: number;
}

/**
 * Lists what a transport must do. Each case makes a broker of its own and
 * closes it.
 *
 * @throws {InputError} `INVALID_OPTION` when `patienceMs` is not a whole number of at least 1.
 *
 * @example
 * ```ts
 * declare const test: (name: string, run: () => Promise<void>) => void;
 * declare const create: Parameters<typeof transportConformance>[0]["create"];
 * for (const { name, run } of transportConformance({ create })) test(name, run);
 * ```
 */
export function transportConformance(
  options: TransportConformanceOptions,
): readonly ConformanceCase[] {
  const { create } = options;
  const patienceMs = checkedNumber({
    action: "list the cases of a transport",
    option: "patienceMs",
    value: options.patienceMs,
    default: 10_000,
    min: 1,
  });
  return [...connectingCases, ...sendingCases, ...endingCases, ...tellingCases]
    .map((one) => ({
      name: one.name,
      run: () => onTransportBench(create, patienceMs, one),
    }));
}
