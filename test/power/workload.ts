/**
 * The work that goes on when the power is cut: an application and a relay, each
 * in a process of its own, on one database.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import type { ApplicationOptions } from "./application.ts";
import type { Trial } from "./trial.ts";

/** Messages that are sent and not recorded: what one power cut may repeat. */
export const WINDOW = 8;

/** The name of the database in its folder. */
export const DATABASE = "app.db";

/** What is to be done, and where. */
export interface WorkloadOptions {
  readonly trial: Trial;
  /** Where the database is to be. */
  readonly folder: string;
  /** The file of the marks. */
  readonly marks: string;
  readonly seed: number;
  readonly transactions: number;
  readonly checkpointPages: number;
  /** Variables for the processes' environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Where they complain; those whose disk is cut off do so for nothing. */
  readonly stderr: "inherit" | "ignore";
}

/** What a process is started with. */
export interface ProcessOrder {
  readonly database: ApplicationOptions;
  readonly marks: string;
  readonly seed: number;
  readonly transactions: number;
  readonly relayWaits: boolean;
}

/** Two processes at work. */
export interface Workload {
  /** Resolves when the application has done all its transactions. */
  readonly written: Promise<void>;
  /** Ends both in peace. */
  stop(): Promise<void>;
  /** Ends both at once. */
  kill(): Promise<void>;
}

/** Starts the work; resolves when the database is there. */
export async function startWorkload(
  options: WorkloadOptions,
): Promise<Workload> {
  const { trial, folder, marks, seed, transactions, checkpointPages } = options;
  const order: ProcessOrder = {
    database: {
      path: join(folder, DATABASE),
      synchronous: trial.synchronous,
      checkpointPages,
    },
    marks,
    seed,
    transactions,
    relayWaits: trial.relayWaits,
  };
  const writer = start("writer", order, options);
  const relay = start("relay", order, options);
  writer.send("begin");
  const written = said(writer, "done");
  // Who does not wait for it need not hear that it was killed.
  written.catch(() => {});
  const kill = async () => {
    await Promise.all([writer, relay].map(end));
  };
  try {
    await said(writer, "opened");
  } catch (error) {
    await kill();
    throw error;
  }
  relay.send("begin");
  return {
    written,
    async stop() {
      const stopped = said(relay, "done");
      relay.send("stop");
      await stopped;
      await kill();
    },
    kill,
  };
}

function start(
  name: string,
  order: ProcessOrder,
  { environment, stderr }: WorkloadOptions,
): ChildProcess {
  const program = new URL(`./programs/${name}.js`, import.meta.url);
  return fork(program, [JSON.stringify(order)], {
    env: { ...process.env, ...environment },
    execArgv: [],
    stdio: ["ignore", "ignore", stderr, "ipc"],
  });
}

/** Resolves when a process says something; rejects when it ends before. */
function said(child: ChildProcess, what: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.on("message", ({ type }: { readonly type?: string }) => {
      if (type === what) resolve();
    });
    child.once("exit", (code, signal) => {
      reject(new Error(`Ended before it was ${what}: ${signal ?? code}`));
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill("SIGKILL");
  await once(child, "exit");
}
