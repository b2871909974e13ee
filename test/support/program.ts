/**
 * Programs of the folder `children/` as processes of their own, on the runtime
 * that runs the tests. They are told and heard through an IPC channel.
 *
 * @module
 */

import { type ChildProcess, fork, type Serializable } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { afterAll, onTestFinished } from "vitest";

/** How a process ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

const HEARD_WITHIN_MS = 30_000;

/**
 * Bundles a program once, sources and all; returns what starts it, with flags
 * for the runtime if need be. A process that still runs when its test ends is
 * killed. Call it outside of tests.
 */
export function program<
  Order extends Serializable,
  Report extends { type: string },
>(
  name: string,
  execArgv: readonly string[] = [],
): () => Promise<Child<Order, Report>> {
  let bundled: Promise<string> | undefined;
  let folder: string | undefined;
  afterAll(() => folder && rmSync(folder, { recursive: true, force: true }));
  return async () => {
    folder ??= mkdtempSync(join(tmpdir(), "mailboat-program-"));
    const child = new Child<Order, Report>(
      await (bundled ??= bundle(name, folder)),
      execArgv,
    );
    onTestFinished(() => child.end());
    return child;
  };
}

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
  constructor(file: string, execArgv: readonly string[]) {
    this.#process = fork(file, [], {
      execArgv: [...execArgv],
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

  /** Tells it what to do. */
  tell(order: Order): void {
    this.#process.send(order);
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

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

async function bundle(name: string, folder: string): Promise<string> {
  symlinkSync(here("../../node_modules"), join(folder, "node_modules"), "dir");
  await build({
    configFile: here("../vitest.config.ts"),
    logLevel: "silent",
    build: {
      ssr: here(`children/${name}.ts`),
      outDir: folder,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: `${name}.mjs` } },
    },
  });
  return join(folder, `${name}.mjs`);
}
