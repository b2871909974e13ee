/**
 * `npm run mutants -- --only G4 --only NAME --json`: breaks the real code, one
 * promise at a time, and demands that a test notices.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readOrExit } from "../support/command_line.ts";
import { createCopy } from "./copy.ts";
import { type Mutant, mutated } from "./mutant.ts";
import { jsonLine, lineOf, tableOf } from "./report.ts";
import { settingsOf } from "./settings.ts";
import { mutants as all } from "./table.ts";
import { TestRunner } from "./test_run.ts";
import { tryMutant, type Verdict } from "./trial.ts";

/** Trials at a time. */
const WORKERS = 2;
/** How long the tests may take on what is not broken. */
const SOUND_LIMIT_MS = 600_000;

const settings = readOrExit(() => settingsOf(process.argv.slice(2), all));
const folder = mkdtempSync(join(tmpdir(), "mailboat-mutants-"));
const runner = new TestRunner();
const cleanUp = () => {
  runner.endAll();
  rmSync(folder, { recursive: true, force: true });
};
process.on("exit", cleanUp);
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.once(signal, () => process.exit(1));
}
const beganMs = performance.now();
// What is copied from must not change meanwhile.
const sound = createCopy(process.cwd(), folder, null);
demandFit(settings.mutants);
await demandSound(settings.mutants);
const verdicts = await tryAll(settings.mutants);
const tookMs = performance.now() - beganMs;
console.log(`\n${tableOf(verdicts, tookMs)}`);
if (settings.json) console.log(jsonLine(verdicts, tookMs));
process.exitCode = verdicts.every(({ kind }) => kind === "killed") ? 0 : 1;

/** Ends the program unless every mutant has its place in the code. */
function demandFit(mutants: readonly Mutant[]): void {
  try {
    for (const mutant of mutants) {
      mutated(readFileSync(join(sound.root, mutant.file), "utf8"), mutant);
    }
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exit(1);
  }
}

/** Ends the program unless the same tests pass on what is not broken. */
async function demandSound(mutants: readonly Mutant[]): Promise<void> {
  const files = [...new Set(mutants.flatMap(({ killedBy }) => killedBy))];
  const run = await runner.run(sound, files, {
    limitMs: SOUND_LIMIT_MS,
    workers: WORKERS,
  });
  if (run.kind === "passed") return;
  const found = run.kind === "failed" ? `${run.test}: ${run.why}` : run.why;
  console.error(
    `Cannot try mutants as their tests must pass without them: current value is ${found}`,
  );
  process.exit(1);
}

async function tryAll(mutants: readonly Mutant[]): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  const queue = [...mutants];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const verdict = await tryMutant(next, {
        root: sound.root,
        folder,
        runner,
      });
      verdicts.push(verdict);
      console.log(lineOf(verdict));
    }
  };
  await Promise.all(Array.from({ length: WORKERS }, work));
  return verdicts;
}
