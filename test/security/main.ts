/**
 * `npm run fuzz -- --inputs N --damages N --seed S`: bad inputs through every
 * public function, then damaged databases; prints every fault with its seed.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Child } from "../support/child.ts";
import {
  type Place,
  readOrExit,
  valuesOf,
  wholeNumber,
} from "../support/command_line.ts";
import { withoutDisk } from "../support/without_disk.ts";
import { type DamageOrder, type DamageWord, runDamages } from "./damages.ts";
import { runFuzz } from "./fuzz.ts";

const PROGRESS_INPUTS = 10_000;
const PROGRESS_DAMAGES = 500;

const { inputs, damages, seed } = readOrExit(settings);
const folder = mkdtempSync(join(withoutDisk(), "mailboat-fuzz-"));
const readers = new Set<Child<DamageOrder, DamageWord>>();
process.on("exit", () => {
  for (const reader of readers) void reader.end();
  rmSync(folder, { recursive: true, force: true });
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(1));
}
const faults = [...await fuzzed(), ...await damaged()];
for (const fault of faults) console.log(fault);
process.exitCode = faults.length > 0 ? 1 : 0;

async function fuzzed(): Promise<readonly string[]> {
  if (inputs === 0) return [];
  const perSecond = pace();
  const report = await runFuzz({
    inputs,
    seed,
    folder,
    onLap: (done, faults) => {
      if (done % PROGRESS_INPUTS !== 0) return;
      console.log(`${done} inputs, ${perSecond(done)}/s, ${faults} faults`);
    },
  });
  console.log(
    `${report.inputs} inputs, ${perSecond(report.inputs)}/s: ` +
      `${report.accepted} accepted, ${report.refused} refused, ` +
      `${report.delivered} delivered, ${report.faults.length} faults`,
  );
  return report.faults;
}

async function damaged(): Promise<readonly string[]> {
  if (damages === 0) return [];
  const perSecond = pace();
  const report = await runDamages({
    start: startReader,
    folder,
    seed,
    damages,
    onReader: (judged, faults) => {
      if (judged % PROGRESS_DAMAGES !== 0) return;
      console.log(
        `${judged} damages, ${perSecond(judged)}/s, ${faults} faults`,
      );
    },
  });
  const { judged, kinds, unnoticed } = report;
  console.log(
    `${judged} damages, ${perSecond(judged)}/s: ${kinds.error} typed errors, ` +
      `${kinds["set aside"]} set aside, ${kinds.intact} harmless, ` +
      `${unnoticed} unnoticed by SQLite, ${report.faults.length} faults`,
  );
  return report.faults;
}

function startReader(): Promise<Child<DamageOrder, DamageWord>> {
  const file = new URL("../support/children/damage_reader.js", import.meta.url);
  const reader = new Child<DamageOrder, DamageWord>(fileURLToPath(file));
  readers.add(reader);
  void reader.ended.then(() => readers.delete(reader));
  return Promise.resolve(reader);
}

function pace(): (done: number) => string {
  const began = performance.now();
  return (done) => (done / (performance.now() - began) * 1_000).toFixed(0);
}

function settings() {
  const text = { type: "string" } as const;
  const options = { inputs: text, damages: text, seed: text };
  const values = valuesOf(process.argv.slice(2), options);
  return {
    inputs: wholeNumber(place("--inputs"), values.inputs ?? "2000"),
    damages: wholeNumber(place("--damages"), values.damages ?? "100"),
    seed: wholeNumber(place("--seed"), values.seed ?? "1"),
  };
}

function place(option: string): Place {
  return { action: "fuzz", option };
}
