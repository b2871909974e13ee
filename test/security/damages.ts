/**
 * Damaged databases, looked at in processes of their own: a native abort must
 * be seen, and must not end the run.
 *
 * @module
 */

import type { Child } from "../support/child.ts";
import { textDamages } from "./damage.ts";
import type { Verdict } from "./damaged_outbox.ts";

/** What a reader is told. */
export interface DamageOrder {
  readonly folder: string;
  readonly seed: number;
  readonly first: number;
  readonly count: number;
  /** Every text column in turn, instead of what the seed draws. */
  readonly texts: boolean;
}

/** What a reader says. */
export type DamageWord =
  | { readonly type: "began"; readonly at: number; readonly name: string }
  | {
    readonly type: "judged";
    readonly at: number;
    readonly name: string;
    readonly verdict: Verdict;
  }
  | { readonly type: "stray"; readonly reason: string }
  | { readonly type: "done" };

/** Starts a reader. */
export type StartReader = () => Promise<Child<DamageOrder, DamageWord>>;

/** What to run. */
export interface DamagesOptions {
  readonly start: StartReader;
  readonly folder: string;
  readonly seed: number;
  readonly damages: number | "texts";
  readonly onReader?: (judged: number, faults: number) => void;
}

/** What came of it. */
export interface DamagesReport {
  readonly judged: number;
  /** How many ended in which way. */
  readonly kinds: Readonly<Record<Verdict["kind"], number>>;
  /** Damaged files in which SQLite saw nothing wrong, and messages were gone. */
  readonly unnoticed: number;
  readonly faults: readonly string[];
}

/** A process that opened many files keeps most of their handles. */
const PER_READER = 100;
const READERS = 2;

/** Runs readers until every damage was judged. */
export async function runDamages(
  options: DamagesOptions,
): Promise<DamagesReport> {
  const { damages, onReader } = options;
  const total = damages === "texts" ? textDamages().length : damages;
  const kinds = { intact: 0, "set aside": 0, error: 0 };
  const report = { judged: 0, kinds, unnoticed: 0, faults: [] as string[] };
  let next = 0;
  const work = async () => {
    while (next < total) {
      const first = next;
      next = Math.min(total, first + PER_READER);
      await readAll(options, { first, end: next }, report);
      onReader?.(report.judged, report.faults.length);
    }
  };
  await Promise.all(Array.from({ length: READERS }, work));
  return report;
}

type Tally =
  & { -readonly [Name in keyof DamagesReport]: DamagesReport[Name] }
  & {
    kinds: Record<Verdict["kind"], number>;
    faults: string[];
  };

/** A reader that dies is told against the damage it had begun; another goes on. */
async function readAll(
  { start, folder, seed, damages }: DamagesOptions,
  { first, end }: { readonly first: number; readonly end: number },
  report: Tally,
): Promise<void> {
  for (let at = first; at < end;) {
    const reader = await start();
    const texts = damages === "texts";
    reader.tell({ folder, seed, first: at, count: end - at, texts });
    const { code, signal } = await reader.ended;
    for (const word of reader.all("judged")) {
      at = word.at + 1;
      report.judged++;
      report.kinds[word.verdict.kind]++;
      if (word.verdict.missing > 0) report.unnoticed++;
      const place = `seed ${seed + word.at}: ${word.name}`;
      for (const fault of word.verdict.faults) {
        report.faults.push(`${place}: ${fault}`);
      }
    }
    for (const { reason } of reader.all("stray")) {
      report.faults.push(`from ${seed + first}: a stray rejection: ${reason}`);
    }
    if (code === 0) continue;
    const last = reader.all("began").at(-1);
    report.faults.push(
      `seed ${seed + at}: ${last?.name}: the process died: ${signal ?? code}`,
    );
    at++;
  }
}
