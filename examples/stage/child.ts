/**
 * A child process: started, told, heard, stopped and killed by its parent.
 *
 * @module
 */

import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import * as v from "valibot";

/** What to start, and who hears about it. */
export interface ChildOptions<Report> {
  /** What it is called when something goes wrong. */
  readonly name: string;
  /** Its file, without an ending. */
  readonly program: URL;
  /** The first message to it. */
  readonly config: object;
  /** What Deno permits it to do. Node permits everything. */
  readonly permissions: readonly string[];
  /** What its reports look like. */
  readonly reports: v.GenericSchema<Report>;
  /** Called with every report. */
  readonly onReport: (report: Report) => void;
  /** Called when it fails: ends unasked, or says what nobody understands. */
  readonly onFailure: (error: Error) => void;
}

const STOP_WITHIN_MS = 5_000;

/** A running child process. */
export class Child<Order extends string, Report extends { type: string }> {
  readonly #process: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #listeners = new Set<(report: Report) => void>();
  #ending = false;

  /** Starts it. */
  constructor(options: ChildOptions<Report>) {
    const { name, program, config, permissions } = options;
    const { reports, onReport, onFailure } = options;
    // TypeScript under Deno, what tsc made of it under Node.
    const extension = import.meta.url.endsWith(".ts") ? "ts" : "js";
    const file = fileURLToPath(`${program}.${extension}`);
    this.#process = fork(file, [], {
      // Standard output belongs to the parent.
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      ...("Deno" in globalThis && {
        execArgv: ["run", "--no-prompt", ...permissions],
      }),
    });
    this.#process.on("error", onFailure);
    this.#process.on("message", (message) => {
      const result = v.safeParse(reports, message);
      if (!result.success) {
        return onFailure(new Error(`The ${name} process talks nonsense`));
      }
      onReport(result.output);
      for (const listener of this.#listeners) listener(result.output);
    });
    this.#exited = new Promise((resolve) => {
      this.#process.once("exit", (code, signal) => {
        resolve();
        if (this.#ending) return;
        const how = signal ?? `exit code ${code}`;
        onFailure(new Error(`The ${name} process ended by itself: ${how}`));
      });
    });
    if (!this.#process.connected) {
      throw new Error(`Cannot start the ${name} process`);
    }
    this.#process.send(config);
  }

  /** The number of the process. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Tells it what to do. */
  order(order: Order): void {
    this.#process.send(order);
  }

  /** Resolves with its next report of a type. */
  heard<Type extends Report["type"]>(
    type: Type,
  ): Promise<Extract<Report, { type: Type }>> {
    return new Promise((resolve) => {
      const listener = (report: Report) => {
        if (report.type !== type) return;
        this.#listeners.delete(listener);
        resolve(report as Extract<Report, { type: Type }>);
      };
      this.#listeners.add(listener);
    });
  }

  /** Ends it with no chance to do anything more. */
  async kill(): Promise<void> {
    this.#ending = true;
    this.#process.kill("SIGKILL");
    await this.#exited;
  }

  /** Asks it to end, and kills it when it has not after five seconds. Idempotent. */
  async stop(): Promise<void> {
    this.#ending = true;
    this.#process.kill("SIGTERM");
    const impatience = setTimeout(
      () => this.#process.kill("SIGKILL"),
      STOP_WITHIN_MS,
    );
    await this.#exited;
    clearTimeout(impatience);
  }
}
