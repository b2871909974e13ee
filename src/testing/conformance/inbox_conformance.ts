/**
 * Inbox conformance: what every storage with an inbox does, as a list of cases
 * for any test runner.
 *
 * @module
 */

import { acceptCases } from "./accept_cases.ts";
import type { ConformanceCase } from "./conformance_case.ts";
import { continuityCases } from "./continuity_cases.ts";
import { onInboxBench } from "./inbox_bench.ts";
import type { CreateInboxHarness } from "./inbox_harness.ts";
import { retentionCases } from "./retention_cases.ts";

/** What {@link inboxConformance} takes. */
export interface InboxConformanceOptions<Tx> {
  /** Makes a harness; called anew for each case. */
  readonly create: CreateInboxHarness<Tx>;
}

/**
 * Lists what a storage with an inbox must do. Each case makes a database of
 * its own and closes it; none waits for time to pass.
 *
 * @example
 * ```ts
 * declare const test: (name: string, run: () => Promise<void>) => void;
 * declare const create: Parameters<typeof inboxConformance>[0]["create"];
 * for (const { name, run } of inboxConformance({ create })) test(name, run);
 * ```
 */
export function inboxConformance<Tx>(
  options: InboxConformanceOptions<Tx>,
): readonly ConformanceCase[] {
  const create = options.create as CreateInboxHarness<unknown>;
  return [...acceptCases, ...continuityCases, ...retentionCases].map((one) => ({
    name: one.name,
    run: () => onInboxBench(create, one),
  }));
}
