/**
 * The report: the judge's verdict on a history, and what only those who were
 * there can tell, as a table.
 *
 * @module
 */

import {
  type HistoryEntry,
  isFlawless,
  judgeHistory,
  parseHistory,
  type Verdict,
} from "@mailboat/outbox/testing";
import { readFileSync } from "node:fs";
import { killsAmong, type RunFacts } from "./log.ts";
import { DRAINED_WITHIN_MS } from "./round.ts";
import type { Sabotage } from "../support/sabotaged_storage.ts";
import { CONNECTION_LOST } from "./wire.ts";

/** What `--json` prints. */
export interface Report extends Verdict {
  /** Whether every promise was kept. */
  readonly ok: boolean;
  /** The part of a last line that was cut in its middle. */
  readonly cutLine: string | null;
  /** What was done to the run, by kind. */
  readonly faults: Readonly<Record<string, number>>;
  readonly kills: number;
  /** Connections that ended with something under way; each explains at most a window of copies. */
  readonly connectionsLost: number;
  /** `null` where only a file was judged. */
  readonly facts: RunFacts | null;
}

/** Reads a history back from its file and judges it. */
export function judgeFile(path: string, facts: RunFacts | null): Report {
  const { entries, cutLine } = parseHistory(readFileSync(path, "utf8"));
  const verdict = judgeHistory(entries);
  const { [CONNECTION_LOST]: connectionsLost = 0, ...faults } = countFaults(
    entries,
  );
  const kills = killsAmong(Object.entries(faults));
  // A run in which nothing happened keeps no promise.
  const ok = isFlawless(verdict) &&
    (facts === null || (isClean(facts) && verdict.delivered > 0));
  return { ok, ...verdict, cutLine, faults, kills, connectionsLost, facts };
}

/** Whether the promise that was broken on purpose is among those found broken. */
export function isFoundOut(report: Report, control: Sabotage): boolean {
  if (control === "mark-first") return report.lost > 0;
  const { crowded = 0, stale = 0 } = report.facts?.wire ?? {};
  return report.reordered > 0 && crowded + stale > 0;
}

function countFaults(entries: readonly HistoryEntry[]): Record<string, number> {
  const faults: Record<string, number> = {};
  for (const entry of entries) {
    if (entry.type !== "fault") continue;
    faults[entry.kind] = (faults[entry.kind] ?? 0) + 1;
  }
  return faults;
}

/** Whether those who were there have nothing to say against it. */
function isClean(facts: RunFacts): boolean {
  const { wire, tornRows, missingRows, phantomRows } = facts;
  const { damaged, condemned, deserted, drainedMs } = facts;
  const offences = [wire.crowded, wire.stale, tornRows, missingRows]
    .concat(phantomRows, damaged, condemned, deserted);
  return offences.every((count) => count === 0) &&
    drainedMs <= DRAINED_WITHIN_MS;
}

/** The report in words. */
export function describe(report: Report): string {
  const { facts, cut, cutLine } = report;
  return [
    "",
    ...table("Done to it", [
      ...Object.entries(report.faults).sort(([one], [other]) =>
        one < other ? -1 : 1
      ),
      ["kills in all", report.kills],
    ]),
    ...table("What came of it", verdictRows(report)),
    ...(facts === null ? [] : table("Seen besides", factRows(facts))),
    ...(cutLine === null ? [] : [`The last line was cut: ${cutLine}`]),
    ...(cut ? ["The history breaks off; what is there is judged."] : []),
    report.ok ? "✓ Every promise was kept." : "✗ A promise was broken.",
  ].join("\n");
}

type Row = readonly [name: string, figure: number | string];

function verdictRows(report: Report): Row[] {
  const { duplicates, duplicatesAllowed } = report;
  return [
    ["committed", report.committed],
    ["delivered", report.delivered],
    ["lost", report.lost],
    ["undelivered", report.undelivered],
    ["phantom", report.phantom],
    ["premature", report.premature],
    ["torn", report.torn],
    ["reordered", report.reordered],
    ["corrupt", report.corrupt],
    ["connections lost", report.connectionsLost],
    [
      "duplicates",
      `${duplicates}, at most ${duplicatesAllowed} allowed: a window for each`,
    ],
    ["over that bound", report.duplicatesOverBound],
  ];
}

function factRows(facts: RunFacts): Row[] {
  const { wire, drainedMs } = facts;
  const refused = Object.entries(facts.refused)
    .map(([code, count]) => `${count} ${code}`).join(", ") || 0;
  const seconds = (drainedMs / 1_000).toFixed(1);
  return [
    ["published", wire.published],
    ["acknowledged", wire.acknowledged],
    ["connections", wire.connections],
    ["two of a key in flight", wire.crowded],
    ["stale redeliveries", wire.stale],
    ["transactions with rows missing", facts.tornRows],
    ["committed and not there", facts.missingRows],
    ["rolled back and there", facts.phantomRows],
    ["transactions refused", refused],
    ["databases damaged", facts.damaged],
    ["messages condemned", facts.condemned],
    ["processes ended by themselves", facts.deserted],
    [
      "drained after the last fault",
      `${seconds} s, at most ${DRAINED_WITHIN_MS / 1_000} s allowed`,
    ],
  ];
}

function table(title: string, rows: readonly Row[]): string[] {
  const width = Math.max(...rows.map(([name]) => name.length), 0);
  return [
    title,
    ...rows.map(([name, figure]) => `  ${name.padEnd(width)}  ${figure}`),
    "",
  ];
}
