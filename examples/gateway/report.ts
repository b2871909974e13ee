/**
 * The report: the verdict with everything around it, for programs and for
 * people.
 *
 * @module
 */

import type { Findings } from "./verdict.ts";

/** What `--json` prints. */
export interface Report extends Findings {
  /** Whether nothing was lost, made up or reordered, and all was delivered in time. */
  readonly ok: boolean;
  /** Whether the backlog was gone before the end. */
  readonly drained: boolean;
  /** How many copies the faults may cause: a window for each, at the most one per device. */
  readonly duplicatesAllowed: number;
  /** Transactions that were rolled back on purpose, with their events. */
  readonly rolledBack: number;
  readonly relayKills: number;
  readonly brokerOutages: number;
  /** From the commit to the consumer, all readings; `null` when none arrived. */
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
  /** The same for the readings that no fault touched. */
  readonly calmP50Ms: number | null;
  readonly calmP99Ms: number | null;
  /** How long it sampled. */
  readonly seconds: number;
  readonly devices: number;
  readonly runtime: string;
  readonly broker: string;
}

/** The report in words. */
export function describe(report: Report): string {
  const { committed, delivered, lost, phantom, reordered, duplicates } = report;
  const headline = report.ok
    ? "Every committed reading arrived, none that was not, each device in order."
    : report.drained
    ? "A promise was broken."
    : "The backlog was not delivered in time.";
  return [
    "",
    `${report.ok ? "✓" : "✗"} ${headline}`,
    "",
    `  committed    ${committed} by ${report.devices} devices in ${report.seconds} s`,
    `  rolled back  ${report.rolledBack}, with their events`,
    `  delivered    ${delivered}`,
    `  lost         ${lost}`,
    `  phantom      ${phantom}`,
    `  reordered    ${reordered}`,
    `  duplicates   ${duplicates}, at most ${report.duplicatesAllowed} for these faults`,
    `  faults       ${report.relayKills} relay killed, ${report.brokerOutages} broker taken away`,
    `  latency      p50 ${report.calmP50Ms} ms, p99 ${report.calmP99Ms} ms ` +
    `(with the faults: ${report.p50Ms} ms, ${report.p99Ms} ms)`,
    `  broker       ${report.broker}`,
    `  runtime      ${report.runtime}`,
    "",
  ].join("\n");
}
