/**
 * Subscriber conformance: what every subscriber does, as a list of cases for
 * any test runner.
 *
 * @module
 */

import { checkedNumber } from "../../../mod.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { onSubscriberBench } from "./subscriber_bench.ts";
import { subscriberCases } from "./subscriber_cases.ts";
import type { CreateSubscriberHarness } from "./subscriber_harness.ts";

/** What {@link subscriberConformance} takes. */
export interface SubscriberConformanceOptions {
  /** Makes a harness; called anew for each case. */
  readonly create: CreateSubscriberHarness;
  /**
   * How long a case waits for what must happen, in ms.
   *
   * @default {10_000}
   */
  readonly patienceMs?: number;
}

/**
 * Lists what a subscriber must do. Each case makes a broker of its own and
 * closes it; what must not happen is waited for a tenth of a second.
 *
 * @throws {InputError} `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * declare const test: (name: string, run: () => Promise<void>) => void;
 * declare const create: Parameters<typeof subscriberConformance>[0]["create"];
 * for (const { name, run } of subscriberConformance({ create })) test(name, run);
 * ```
 */
export function subscriberConformance(
  { create, patienceMs: given }: SubscriberConformanceOptions,
): readonly ConformanceCase[] {
  const patienceMs = checkedNumber({
    action: "list the conformance cases of a subscriber",
    option: "patienceMs",
    value: given,
    default: 10_000,
    min: 1,
  });
  return subscriberCases.map((one) => ({
    name: one.name,
    run: () => onSubscriberBench(create, patienceMs, one),
  }));
}
