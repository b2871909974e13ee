/**
 * `npm run simulate -- --seeds N --first N --workers N`: runs seeds and prints
 * every one that broke a promise, with the line that replays it.
 * `npm run simulate -- --exhaustive`: every mishap at every operation of every
 * scenario.
 *
 * @module
 */

import { readOrExit } from "../support/command_line.ts";
import { type Arguments, parseArguments } from "./arguments.ts";
import type { Batch } from "./batch.ts";
import { tooRare } from "./coverage.ts";
import { exhaust } from "./exhaustive.ts";
import { runParallel } from "./parallel.ts";
import { SCENARIOS } from "./scenarios.ts";

const PROGRESS_EVERY = 10_000;

const given = readOrExit(() => parseArguments(process.argv.slice(2)));
await (given.exhaustive ? runExhaustive() : runSeeds(given));

async function runSeeds(request: Arguments): Promise<void> {
  const { seeds, first } = request;
  const began = performance.now();
  const rate = (done: number) =>
    `${(done / (performance.now() - began) * 1_000).toFixed(1)} seeds/s`;
  let announced = 0;
  const batch = await runParallel({
    ...request,
    onProgress: (soFar, part) => {
      printFailures(part);
      const done = Math.floor(soFar.seeds / PROGRESS_EVERY);
      if (done === announced) return;
      announced = done;
      const failed = soFar.failures.length;
      console.log(
        `${soFar.seeds} seeds, ${rate(soFar.seeds)}, ${failed} failed`,
      );
    },
  });
  printSituations(batch);
  const rare = tooRare(batch.situations, seeds);
  if (rare.length > 0) console.log(`Too rarely reached: ${rare.join("; ")}`);
  const { messages, failures } = batch;
  const minutes = ((performance.now() - began) / 60_000).toFixed(1);
  console.log(
    `Seeds ${first} to ${first + seeds - 1}: ${messages} messages received, ` +
      `${failures.length} seeds failed; ${minutes} min, ${rate(seeds)}`,
  );
  if (failures.length + rare.length > 0) process.exitCode = 1;
}

async function runExhaustive(): Promise<void> {
  const began = performance.now();
  let runs = 0;
  let failed = 0;
  for (const scenario of SCENARIOS) {
    const exhausted = await exhaust(scenario);
    const { failures, operations } = exhausted;
    runs += exhausted.runs;
    failed += failures.length;
    console.log(
      `${exhausted.runs} runs\t${operations} operations\t${scenario.name}`,
    );
    for (const { mishap, at, violations } of failures) {
      console.log(
        `  ${mishap ?? "plain"} operation ${at}: ${violations.join("; ")}`,
      );
    }
  }
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(
    `${SCENARIOS.length} scenarios, ${runs} runs, ${failed} failed; ${seconds} s`,
  );
  if (failed > 0) process.exitCode = 1;
}

function printFailures({ failures }: Batch): void {
  for (const { seed, violations, without } of failures) {
    console.log(`Seed ${seed} broke a promise:`);
    for (const violation of violations) console.log(`  ${violation}`);
    const rest = without.length > 0 ? ` --without ${without.join(",")}` : "";
    console.log(`  npm run simulate -- --first ${seed} --seeds 1${rest}`);
  }
}

function printSituations({ situations }: Batch): void {
  const counts = Object.entries(situations).sort((a, b) => b[1] - a[1]);
  for (const [name, count] of counts) console.log(`${count}\t${name}`);
}
