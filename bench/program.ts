/**
 * Programs of the folder `programs/`: processes of their own, that are told
 * what to do in one argument and answer through an IPC channel.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import process from "node:process";

/** How a program is started. */
export interface ProgramOptions {
  /** What it is told: anything that JSON holds. */
  readonly order: object;
  /** What runs it, in place of the runtime itself: `["strace", "-f"]`. */
  readonly under?: readonly string[];
}

/** Starts a program. */
export function startProgram(
  name: string,
  { order, under = [] }: ProgramOptions,
): ChildProcess {
  const file = new URL(`./programs/${name}.js`, import.meta.url);
  const [runner, ...its] = [...under, process.execPath];
  return fork(file, [JSON.stringify(order)], {
    execPath: runner,
    execArgv: its,
    // What it says is no figure: standard output is for those.
    stdio: ["ignore", process.stderr.fd, "inherit", "ipc"],
  });
}

/** Runs a program to its end; resolves with the one thing that it reports. */
export async function runProgram<Report>(
  name: string,
  options: ProgramOptions,
): Promise<Report> {
  const child = startProgram(name, options);
  let report: Report | undefined;
  child.on("message", (message) => report = message as Report);
  const [code, signal] = await once(child, "exit");
  if (code === 0 && report !== undefined) return report;
  throw new Error(
    `The program ${name} ended with ${signal ?? `status ${code}`}`,
  );
}

/** Inside a program: what it was told. */
export function orderOf<Order extends object>(): Order {
  return JSON.parse(process.argv[2] ?? "{}") as Order;
}

/** Inside a program: reports, and lets the program end. */
export function report(answer: object): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(answer, undefined, undefined, () => {
      process.disconnect?.();
      resolve();
    });
  });
}
