/**
 * `npm run chaos -- --minutes N`: breaks everything between an application
 * and its consumer for as long as it is told, and judges what came of it.
 *
 * @module
 */

import { InputError } from "@mailboat/outbox";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { UsageError } from "../support/command_line.ts";
import { findMosquitto } from "../support/mosquitto.ts";
import { HistoryFile } from "./history_file.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { describe, isFoundOut, judgeFile, type Report } from "./report.ts";
import { run } from "./run.ts";
import { findFakeTime } from "./wall_clocks.ts";

const INTERRUPTED = 130;

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const drawnSeed = Date.now() % 2 ** 31;
    const options = readOptions(process.argv.slice(2), drawnSeed);
    if (options.help) {
      process.stdout.write(usage);
      return 0;
    }
    return options.judgePath === undefined
      ? await play(options)
      : told(judgeFile(options.judgePath, null), options);
  } catch (error) {
    // An InputError: the file to judge is no history.
    if (error instanceof UsageError || error instanceof InputError) {
      console.error(`${error.message} (--help shows the options)`);
      return 2;
    }
    console.error(error);
    return 1;
  }
}

async function play(options: Options): Promise<number> {
  if (findMosquitto() === undefined) {
    throw new UsageError("Cannot run as mosquitto is not installed");
  }
  const interruption = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"] as const) {
    process.on(name, () => interruption.abort());
  }
  // Whatever goes wrong here: processes and mounts are not left behind.
  let hasFailed = false;
  process.on("uncaughtException", (error) => {
    console.error(error);
    hasFailed = true;
    interruption.abort();
  });
  const folder = mkdtempSync(join(tmpdir(), "mailboat-chaos-"));
  const path = options.historyPath ?? join(folder, "history.jsonl");
  const { seed, minutes, control } = options;
  const print = (line: string) => console.error(line);
  print(`seed ${seed}, ${minutes} minutes, control ${control ?? "none"}`);
  if (findFakeTime() === undefined) {
    print("NOT TESTED: wall clocks that jump, as libfaketime is not installed");
  }
  const { signal } = interruption;
  const file = new HistoryFile(path);
  const log = await run({ seed, minutes, control, file, print, signal });
  const status = told(judgeFile(path, log.facts), options);
  if (status !== 0) print(`The history is in ${path}`);
  if (status === 0 || path !== join(folder, "history.jsonl")) {
    rmSync(folder, { recursive: true, force: true });
  }
  if (hasFailed) return 1;
  return signal.aborted ? INTERRUPTED : status;
}

/** Prints a report, and returns what it means to whoever started this. */
function told(report: Report, { json, control }: Options): number {
  console.log(json ? JSON.stringify(report) : describe(report));
  if (control === undefined) return report.ok ? 0 : 1;
  const found = isFoundOut(report, control);
  console.error(`control ${control}: ${found ? "found out" : "NOT FOUND OUT"}`);
  return found ? 0 : 1;
}
