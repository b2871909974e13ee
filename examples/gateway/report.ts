/**
 * The report: the verdict with everything around it, for programs and for
 * people.
 *
 * @module
 */

import process from "node:process";
import type { FaultKind, FaultRecord } from "./faults.ts";
import { calmPassages, latencyOf } from "./latency.ts";
import type { Passage } from "./ledger.ts";
import { type Findings, isKept } from "./verdict.ts";

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
  /** The same for the readings that neither the first connect nor a fault touched. */
  readonly calmP50Ms: number | null;
  readonly calmP99Ms: number | null;
  /** How long it sampled. */
  readonly seconds: number;
  readonly devices: number;
  readonly runtime: string;
  readonly broker: string;
}

/** What a report is made of. */
export interface Outcome {
  readonly findings: Findings;
  readonly drained: boolean;
  readonly faults: readonly FaultRecord[];
  readonly passages: readonly Passage[];
  /** How many messages the relay may have in flight. */
  readonly window: number;
  /** How often the relay lost its connection. */
  readonly lostConnections: number;
  readonly rolledBack: number;
  readonly devices: number;
  /** When the sampling began, in ms since the epoch, and how long it went on. */
  readonly startedAtMs: number;
  readonly sampledMs: number;
  /** The broker that was used instead of the embedded one. */
  readonly mqttUrl: string | undefined;
}

/** Makes the report. */
export function reportOf(outcome: Outcome): Report {
  const { findings, drained, faults, passages, devices, mqttUrl } = outcome;
  const count = (kind: FaultKind) =>
    faults.filter((fault) => fault.kind === kind).length;
  const relayKills = count("relay kill");
  // In strict order at most one message of a device is unacknowledged.
  const window = Math.min(outcome.window, devices);
  const connecting = { brokenAtMs: 0, mendedAtMs: outcome.startedAtMs };
  const calm = latencyOf(calmPassages(passages, [connecting, ...faults]));
  return {
    ok: isKept(findings) && drained,
    ...findings,
    drained,
    duplicatesAllowed: (relayKills + outcome.lostConnections) * window,
    rolledBack: outcome.rolledBack,
    relayKills,
    brokerOutages: count("broker outage"),
    ...latencyOf(passages),
    calmP50Ms: calm.p50Ms,
    calmP99Ms: calm.p99Ms,
    seconds: Math.round(outcome.sampledMs / 100) / 10,
    devices,
    runtime: runtime(),
    broker: mqttUrl === undefined
      ? "aedes, embedded (MQTT 3.1.1)"
      : `${new URL(mqttUrl).host} (MQTT 5)`,
  };
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
    `(with the faults p50 ${report.p50Ms} ms, p99 ${report.p99Ms} ms)`,
    `  broker       ${report.broker}`,
    `  runtime      ${report.runtime}`,
    "",
  ].join("\n");
}

function runtime(): string {
  const { deno, node } = process.versions;
  return deno === undefined ? `Node ${node}` : `Deno ${deno}`;
}
