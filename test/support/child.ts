/**
 * A process that is told and heard through an IPC channel.
 *
 * @module
 */

import { type ChildProcess, fork, type Serializable } from "node:child_process";
import { once } from "node:events";

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** How to start one. */
export interface ChildOptions {
  /** Flags for the runtime. */
  readonly execArgv?: readonly string[];
  /** Variables of its environment, beside those of this process. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether it is spared the Ctrl-C that a terminal sends to all. */
  readonly detached?: boolean;
}

const HEARD_WITHIN_MS = 30_000;

/** A running program. */
export class Child<
  Order extends Serializable,
  Report extends { type: string },
> {
  readonly reports: Report[] = [];
  readonly ended: Promise<Ending>;
  readonly #process: ChildProcess;
  readonly #listeners = new Set<() => void>();
  #ending: Ending | null = null;

  /** Starts a file. */
  constructor(
    file: string,
    { execArgv = [], env = {}, detached = false }: ChildOptions = {},
  ) {
    this.#process = fork(file, [], {
      execArgv: [...execArgv],
      env: { ...process.env, ...env },
      detached,
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      serialization: "advanced",
    });
    this.#process.on("message", (report) => {
      this.reports.push(report as Report);
      this.#notify();
    });
    this.ended = once(this.#process, "exit").then(([code, signal]) => {
      this.#ending = { code, signal };
      this.#notify();
      return this.#ending;
    });
  }

  /** Whether it is still there. */
  get isAlive(): boolean {
    return this.#ending === null;
  }

  /** The number of the process. */
  get pid(): number {
    return this.#process.pid ?? 0;
  }

  /** Tells it what to do; one that has ended hears nothing. */
  tell(order: Order): void {
    this.#process.send(order, () => {});
  }

  /** Has every report from now on handed to a listener as well. */
  listen(listener: (report: Report) => void): void {
    this.#process.on("message", (report) => listener(report as Report));
  }

  /** The reports of one type, so far. */
  all<Type extends Report["type"]>(
    type: Type,
  ): Extract<Report, { type: Type }>[] {
    return this.reports.filter(
      (report): report is Extract<Report, { type: Type }> =>
        report.type === type,
    );
  }

  /** Resolves with the report of a type that comes next, or is the `nth`. */
  async heard<Type extends Report["type"]>(
    type: Type,
    nth: number = this.all(type).length,
  ): Promise<Extract<Report, { type: Type }>> {
    const deadlineMs = performance.now() + HEARD_WITHIN_MS;
    for (;;) {
      const report = this.all(type)[nth];
      if (report !== undefined) return report;
      if (this.#ending !== null) {
        throw new Error(`Ended before it said ${type}: ${this.#how()}`);
      }
      if (performance.now() > deadlineMs) throw new Error(`Never said ${type}`);
      await this.#change();
    }
  }

  /** Sends it a signal. */
  signal(signal: NodeJS.Signals): void {
    if (this.#ending !== null) {
      throw new Error(`Ended before ${signal}: ${this.#how()}`);
    }
    this.#process.kill(signal);
  }

  /** Kills it, which must be alive; it does nothing more once this resolves. */
  async kill(): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }

  /** Kills it if it is alive. */
  async end(): Promise<void> {
    this.#process.kill("SIGKILL");
    await this.ended;
  }

  #how(): string {
    return this.#ending?.signal ?? `status ${this.#ending?.code}`;
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#listeners.delete(done);
        resolve();
      };
      const timer = setTimeout(done, 1_000);
      this.#listeners.add(done);
    });
  }
}
