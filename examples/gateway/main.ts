/**
 * The example gateway: samples this machine, delivers through an outbox, and
 * breaks things meanwhile.
 *
 * @module
 */

import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { UsageError } from "../stage/command_line.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { describe } from "./report.ts";
import { run } from "./run.ts";
import { blankScreen, createScreen } from "./screen.ts";

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), process.env);
    if (!options.help) return await play(options);
    process.stdout.write(usage);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      console.error(`${error.message} (--help shows the options)`);
      return 2;
    }
    console.error(error);
    return 1;
  }
}

async function play(options: Options): Promise<number> {
  const { seconds, json, mqttUrl } = options;
  const temporary = options.databasePath === undefined
    ? await mkdtemp(join(tmpdir(), "mailboat-gateway-"))
    : undefined;
  const database = resolve(options.databasePath ?? `${temporary}/gateway.db`);
  try {
    const report = await run({
      seconds,
      mqttUrl,
      directory: dirname(database),
      databaseUrl: pathToFileURL(database).href,
      openScreen: (situation) =>
        json ? blankScreen() : createScreen({
          terminal: process.stdout,
          colours: !process.env["NO_COLOR"],
          situation,
        }),
      onInterrupt: (interrupt) => {
        process.on("SIGINT", interrupt);
        process.on("SIGTERM", interrupt);
      },
    });
    console.log(json ? JSON.stringify(report) : describe(report));
    return report.ok ? 0 : 1;
  } finally {
    if (temporary !== undefined) {
      await rm(temporary, { recursive: true, force: true });
    }
  }
}
