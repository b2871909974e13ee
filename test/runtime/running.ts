/**
 * Running one row: each of its entries in a process of its own, so that one
 * that breaks takes no other with it.
 *
 * @module
 */

import { join } from "node:path";
import process from "node:process";
import { type Ended, run } from "../support/project.ts";
import { entries, type Entry, type EntryName, moduleOf } from "./entries.ts";
import {
  addPrograms,
  NotInstalled,
  programOf,
  projectWith,
} from "./installing.ts";
import type { Row } from "./rows.ts";
import { failed, type Result, type Tally, tallyOf } from "./tally.ts";

/** All cases of one entry, on a machine that does much else. */
const ENTRY_LIMIT_MS = 900_000;

/** Runs a row; tells what fails as it goes. */
export async function runRow(
  row: Row,
  { tarball, tell }: {
    readonly tarball: string;
    readonly tell: (line: string) => void;
  },
): Promise<Result> {
  try {
    const program = await programOf(row);
    for (const name of row.entries) {
      const { beside }: Entry = entries[name];
      if (beside !== undefined) await programOf(beside);
    }
    const project = await projectWith(tarball, row.entries);
    try {
      addPrograms(project);
      const tallies: Tally[] = [];
      for (const entry of row.entries) {
        const began = performance.now();
        const [command, ...args] = commandOf(row, program, entry);
        const ended = await run(project.path, command, args, ENTRY_LIMIT_MS);
        const tally = checked(row, entry, ended);
        tallies.push(tally);
        const seconds = ((performance.now() - began) / 1_000).toFixed(1);
        tell(`${row.title}, ${entry}: ${tally.cases} cases in ${seconds} s`);
        for (const failure of tally.failures) tell(failure);
      }
      return { row, tallies };
    } finally {
      project.remove();
    }
  } catch (error) {
    if (!(error instanceof NotInstalled)) throw error;
    tell(`${row.title} is SKIPPED: ${error.message}`);
    return { row, skipped: error.message };
  }
}

function commandOf(
  { args, home, host }: Row,
  program: string,
  name: EntryName,
): readonly [string, ...string[]] {
  if (host === undefined) {
    return [program, ...args, "test/runtime/program.js", moduleOf(name)];
  }
  const { worker }: Entry = entries[name];
  const asked = worker === undefined
    ? [`test/runtime/cases/${moduleOf(name)}.js`]
    : [worker.module, JSON.stringify(worker.platform)];
  return [process.execPath, join(process.cwd(), home, host), ...asked];
}

/** What a process reported, which must be the runtime that was meant. */
function checked({ title, version }: Row, entry: EntryName, ended: Ended) {
  const tally = tallyOf(ended);
  if (tally.version.startsWith(version)) return tally;
  const what = `it should be ${title}, and is ${tally.version || "nothing"}`;
  return failed(tally, `${entry}: ${what}`);
}
