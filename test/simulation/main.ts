/**
 * `npm run simulate -- --seeds N --first N`: runs seeds and prints every one
 * that broke a promise, with the line that replays it.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { REQUIRED_SITUATIONS, runBatch } from "./batch.ts";

const SITUATION_PER_SEEDS = 1_000;

const { seeds, first } = settings();
const began = performance.now();
const perSecond = (done: number) =>
  (done / (performance.now() - began) * 1_000).toFixed(1);
const batch = await runBatch(first, seeds, (done) => {
  if (done % 1_000 === 0) console.log(`${done} seeds, ${perSecond(done)}/s`);
});
for (const report of batch.failed) {
  console.log(JSON.stringify(report));
  console.log(`  npm run simulate -- --first ${report.seed} --seeds 1`);
}
const counts = [...batch.situations].sort((a, b) => b[1] - a[1]);
for (const [situation, count] of counts) console.log(`${count}\t${situation}`);
const missing = REQUIRED_SITUATIONS.filter((situation) =>
  (batch.situations.get(situation) ?? 0) < seeds / SITUATION_PER_SEEDS
);
if (seeds >= SITUATION_PER_SEEDS && missing.length > 0) {
  console.log(`Too rarely reached: ${missing.join(", ")}`);
  process.exitCode = 1;
}
console.log(
  `${seeds} seeds, ${perSecond(seeds)}/s, ${batch.failed.length} failed`,
);
if (batch.failed.length > 0) process.exitCode = 1;

function settings(): { seeds: number; first: number } {
  try {
    const { values } = parseArgs({
      options: { seeds: { type: "string" }, first: { type: "string" } },
    });
    return {
      seeds: wholeNumber("--seeds", values.seeds ?? "1000"),
      first: wholeNumber("--first", values.first ?? "1"),
    };
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(2);
  }
}

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new RangeError(
    `Cannot simulate as ${name} must be a whole number of at least 1: current value is ${text}`,
  );
}
