/**
 * The saga: three services decide on orders together, and are killed
 * meanwhile.
 *
 * @module
 */

import { randomInt } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { UsageError } from "../stage/command_line.ts";
import { type Options, readOptions, usage } from "./options.ts";
import { type Report, run } from "./run.ts";

process.exitCode = await main();

async function main(): Promise<number> {
  try {
    const options = readOptions(process.argv.slice(2), () => randomInt(1e9));
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

async function play({ json, ...options }: Options): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), "mailboat-saga-"));
  try {
    const { ok, ...report } = await run({
      ...options,
      directory,
      say: json ? () => {} : (line) => console.log(line),
      onInterrupt: (interrupt) => {
        process.on("SIGINT", interrupt);
        process.on("SIGTERM", interrupt);
      },
    });
    console.log(json ? JSON.stringify(report) : describe(report));
    if (!ok) console.error(`It can be tried again with --seed ${options.seed}`);
    return ok ? 0 : 1;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function describe(report: Omit<Report, "ok">): string {
  const { orders, completed, compensated, inconsistent, kills } = report;
  return [
    "",
    `  orders        ${orders}`,
    `  completed     ${completed}: paid once, goods reserved once`,
    `  compensated   ${compensated}: cancelled, nothing kept and nothing reserved`,
    `  inconsistent  ${inconsistent}`,
    `  kills         ${kills}`,
    "",
  ].join("\n");
}
