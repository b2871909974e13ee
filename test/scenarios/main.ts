/**
 * `npm run scenarios -- --seeds N --first N --abreast N`: the MQTT adapter and
 * the relay before brokers in trouble; prints every seed that broke a promise,
 * with the line that replays it, and how often each trouble came.
 *
 * @module
 */

import {
  type Place,
  readOrExit,
  valuesOf,
  wholeNumber,
} from "../support/command_line.ts";
import { runScenario } from "./scenario.ts";

const { seeds, first, abreast } = readOrExit(() => {
  const values = valuesOf(process.argv.slice(2), {
    seeds: { type: "string", default: "1000" },
    first: { type: "string", default: "1" },
    abreast: { type: "string", default: "32" },
  });
  const at = (option: string): Place => ({ action: "run scenarios", option });
  return {
    seeds: wholeNumber(at("--seeds"), values.seeds, { min: 1 }),
    first: wholeNumber(at("--first"), values.first, { min: 1 }),
    abreast: wholeNumber(at("--abreast"), values.abreast, { min: 1, max: 500 }),
  };
});

const beganMs = performance.now();
const done: Record<string, number> = {};
let [next, messages, failed] = [first, 0, 0];

async function work(): Promise<void> {
  while (next < first + seeds) {
    const seed = next++;
    const outcome = await runScenario(seed);
    messages += outcome.messages;
    for (const [kind, count] of Object.entries(outcome.done)) {
      done[kind] = (done[kind] ?? 0) + count;
    }
    if (outcome.violations.length === 0) continue;
    failed += 1;
    console.log(`Seed ${seed} broke a promise:`);
    for (const violation of outcome.violations) console.log(`  ${violation}`);
    console.log(`  npm run scenarios -- --first ${seed} --seeds 1`);
  }
}

await Promise.all(Array.from({ length: abreast }, work));
for (const [kind, count] of Object.entries(done).sort()) {
  console.log(`${count}\t${kind}`);
}
const seconds = ((performance.now() - beganMs) / 1_000).toFixed(0);
console.log(
  `${seeds} scenarios, ${messages} messages, ${failed} failed; ${seconds} s`,
);
if (failed > 0) process.exitCode = 1;
