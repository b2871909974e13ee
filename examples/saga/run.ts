/**
 * One run: place orders, kill and restart services, wait, judge.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { readBooks } from "./books.ts";
import type { ServiceName } from "./events.ts";
import { planKills } from "./kills.ts";
import type { ServiceReport } from "./process_protocol.ts";
import { Processes } from "./processes.ts";
import { type Findings, judge } from "./verdict.ts";

/** What a run needs. */
export interface RunOptions {
  readonly orders: number;
  readonly seed: number;
  /** The broker to use; without it, one is started. */
  readonly mqttUrl: string | undefined;
  /** Where the databases go. */
  readonly directory: string;
  /** Tells people what happens. */
  readonly say: (line: string) => void;
  /** Is given what to call when the user has seen enough. */
  readonly onInterrupt: (interrupt: () => void) => void;
}

/** What came of a run. */
export interface Report extends Findings {
  /** Whether every order was decided in time, and the databases agree. */
  readonly ok: boolean;
  /** How often a service was killed. */
  readonly kills: number;
}

/** How long all orders may take to be decided. */
export function limitMs(orders: number): number {
  return 90_000 + 500 * orders;
}

const intro = `
Three services decide on orders, each with a database of its own:

  order → payment → stock, and back; what failed is undone

Meanwhile they are killed (SIGKILL) and started again.
`;

/** Runs the saga and resolves with what came of it. */
export async function run(options: RunOptions): Promise<Report> {
  const show = new Show(options);
  try {
    return await Promise.race([show.play(), show.failure]);
  } finally {
    await show.end();
  }
}

class Show {
  /** Rejects when a process fails. */
  readonly failure: Promise<never>;
  readonly #options: RunOptions;
  readonly #databases: Readonly<Record<ServiceName, string>>;
  readonly #processes: Processes;
  /** Aborts when all orders are decided, or nobody waits for that any more. */
  readonly #over = new AbortController();
  #isDone = false;
  #steps = 0;
  #kills = 0;
  #onStep = (): void => {};

  constructor(options: RunOptions) {
    const { orders, seed, mqttUrl, directory, onInterrupt } = options;
    this.#options = options;
    const urlOf = (service: ServiceName) =>
      pathToFileURL(join(directory, `${service}.db`)).href;
    this.#databases = {
      order: urlOf("order"),
      payment: urlOf("payment"),
      stock: urlOf("stock"),
    };
    this.#over.signal.addEventListener("abort", () => this.#onStep());
    onInterrupt(() => this.#over.abort());
    let onFailure: (error: Error) => void = () => {};
    this.failure = new Promise((_, reject) => onFailure = reject);
    const shop = `shop-${randomUUID().slice(0, 8)}`;
    this.#processes = new Processes({
      market: { shop, orders, seed },
      databases: this.#databases,
      mqttUrl,
      onReport: (service, report) => this.#heard(service, report),
      onFailure,
    });
  }

  /** The whole run. */
  async play(): Promise<Report> {
    const { orders, seed, say } = this.#options;
    const { signal } = this.#over;
    say(`${intro}\n${orders} orders, seed ${seed}`);
    await this.#processes.start();
    void systemClock().sleep(limitMs(orders), signal)
      .then(() => this.#over.abort());
    await this.#killServices();
    await aborted(signal);
    await this.#processes.stop();
    const findings = judge(await readBooks(this.#databases));
    const isComplete = this.#isDone && findings.orders === orders;
    if (!isComplete) say("the orders were not decided in time");
    const ok = isComplete && findings.inconsistent === 0;
    return { ok, ...findings, kills: this.#kills };
  }

  /** Ends everything that still runs. */
  async end(): Promise<void> {
    this.#over.abort();
    await this.#processes.stop();
  }

  async #killServices(): Promise<void> {
    const { orders, seed, say } = this.#options;
    for (const { victim, afterSteps } of planKills({ orders, seed })) {
      await this.#reached(afterSteps);
      if (this.#over.signal.aborted) return;
      await this.#processes.restart(victim);
      this.#kills += 1;
      say(`  after ${this.#steps} steps ${victim} was killed`);
    }
  }

  /** Resolves when so many steps are taken, or when it is over. */
  async #reached(steps: number): Promise<void> {
    const { signal } = this.#over;
    await new Promise<void>((resolve) => {
      this.#onStep = () => {
        if (this.#steps >= steps || signal.aborted) resolve();
      };
      this.#onStep();
    });
  }

  #heard(service: ServiceName, report: ServiceReport): void {
    if (report.type === "handled" || report.type === "sent") {
      this.#steps += 1;
      this.#onStep();
    } else if (report.type === "trouble") {
      this.#options.say(`  ${service} is in trouble: ${report.reason}`);
    } else if (report.type === "done") {
      this.#isDone = true;
      this.#over.abort();
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
