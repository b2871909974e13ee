/**
 * `npm run fuzz -- --inputs N --damages N --seed S`: bad inputs through every
 * public function, then damaged databases; prints every fault with its seed.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { withoutDisk } from "../support/without_disk.ts";
import { runFuzz } from "./fuzz.ts";

const PROGRESS_INPUTS = 10_000;

const { inputs, seed } = settings();
const folder = mkdtempSync(join(withoutDisk(), "mailboat-fuzz-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.on(signal, () => process.exit(1));
}

const began = performance.now();
const perSecond = (done: number) =>
  (done / (performance.now() - began) * 1_000).toFixed(0);
const report = await runFuzz({
  inputs,
  seed,
  folder,
  onLap: (done) => {
    if (done % PROGRESS_INPUTS === 0) {
      console.log(`${done} inputs, ${perSecond(done)}/s`);
    }
  },
});
for (const fault of report.faults) console.log(fault);
console.log(
  `${report.inputs} inputs, ${perSecond(report.inputs)}/s, ` +
    `${report.accepted} accepted, ${report.refused} refused, ` +
    `${report.delivered} delivered, ${report.faults.length} faults`,
);
process.exitCode = report.faults.length > 0 ? 1 : 0;

function settings(): { inputs: number; seed: number } {
  try {
    const { values } = parseArgs({
      options: { inputs: { type: "string" }, seed: { type: "string" } },
    });
    return {
      inputs: wholeNumber("--inputs", values.inputs ?? "2000"),
      seed: wholeNumber("--seed", values.seed ?? "1"),
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && Number.isSafeInteger(value) && value >= 1) {
    return value;
  }
  throw new RangeError(
    `Cannot fuzz as ${name} must be a whole number of at least 1: current value is ${text}`,
  );
}
