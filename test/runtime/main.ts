/**
 * `npm run matrix`: the packed package in every runtime that it is made for.
 *
 * @module
 */

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { readOrExit } from "../support/command_line.ts";
import { packedInto } from "./installing.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { rows } from "./rows.ts";
import { runRow } from "./running.ts";
import { matrixTable, renewed } from "./table.ts";
import { figuresOf, type Result } from "./tally.ts";

/** How many rows run at a time: they wait for the disk more than they compute. */
const AT_ONCE = 4;

const options = readOrExit(() => readOptions(process.argv.slice(2), rows));
if (options.help) process.stdout.write(usage);
else process.exitCode = await play(options);

async function play(options: Options): Promise<number> {
  const results = await resultsOf(options);
  if (!options.json) console.log(matrixTable(results));
  const isWritten = !options.write || write(results);
  return isWritten && results.every(isFine) ? 0 : 1;
}

async function resultsOf({ rows, json }: Options): Promise<Result[]> {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-matrix-"));
  const results: Result[] = [];
  const left = [...rows.entries()];
  try {
    const tarball = await packedInto(folder);
    const work = async () => {
      for (let next = left.shift(); next; next = left.shift()) {
        const [at, row] = next;
        const result = await runRow(row, { tarball, tell: console.error });
        results[at] = result;
        if (json) console.log(JSON.stringify(figuresOf(result)));
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

/** What was asked for by its name must be there, where a machine reads the answer. */
function isFine(result: Result): boolean {
  const isWanted = process.env["CI"] && options.rows.length < rows.length;
  return figuresOf(result).failed === 0 && !("skipped" in result && isWanted);
}

/** A table that lacks a runtime, or has failures, is not published. */
function write(results: readonly Result[]): boolean {
  const unfit = results.find((result) =>
    "skipped" in result || figuresOf(result).failed > 0
  );
  if (unfit !== undefined) {
    const { title } = unfit.row;
    console.error(`Cannot write the tables as ${title} has not passed`);
    return false;
  }
  const readme = "README.md";
  writeFileSync(readme, renewed(readFileSync(readme, "utf8"), results));
  return true;
}
