/**
 * A post: one place among the processes of a run that is always manned. Whoever
 * is killed is followed at once by one that is loaded and waits for its order.
 *
 * @module
 */

import type { Serializable } from "node:child_process";
import { Child } from "../support/child.ts";
import { WallClocks } from "./wall_clocks.ts";

/** What a post needs. */
export interface PostOptions<Order, Report> {
  /** The program. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  /** Makes the order for the next one. */
  readonly order: () => Order;
  /** Called with every report. */
  readonly onReport: (report: Report, reply: (order: Order) => void) => void;
  /** Called when one ends by itself. */
  readonly onDesertion: (how: string) => void;
}

/** One place. */
export class Post<
  Order extends Serializable,
  Report extends { type: string },
> {
  readonly #options: PostOptions<Order, Report>;
  #spare: Child<Order, Report>;
  #current: Child<Order, Report> | null = null;
  #isStopped = false;

  /** Loads the first one. */
  constructor(options: PostOptions<Order, Report>) {
    this.#options = options;
    this.#spare = this.#load();
  }

  /** Puts the one that waits to work. */
  async man(): Promise<void> {
    const next = this.#spare;
    const { order, onReport, onDesertion } = this.#options;
    await (next as Child<Order, { type: "ready" }>).heard("ready", 0);
    next.listen((report) => onReport(report, (reply) => next.tell(reply)));
    this.#current = next;
    void next.ended.then(({ code, signal }) => {
      if (this.#current !== next || this.#isStopped) return;
      onDesertion(signal ?? `status ${code}`);
      // What nobody ordered is told, and the run goes on.
      void this.man();
    });
    next.tell(order());
    this.#spare = this.#load();
  }

  /** Kills whoever is there. */
  async kill(): Promise<void> {
    const gone = this.#current;
    this.#current = null;
    await end(gone);
  }

  /** Freezes it for a time. */
  async pause(wait: () => Promise<void>): Promise<void> {
    const paused = this.#current;
    if (paused?.isAlive) paused.signal("SIGSTOP");
    try {
      await wait();
    } finally {
      if (paused?.isAlive) paused.signal("SIGCONT");
    }
  }

  /** Ends it for good, whoever is there or waits. */
  async close(): Promise<void> {
    this.#isStopped = true;
    await Promise.all([end(this.#current), end(this.#spare)]);
  }

  #load(): Child<Order, Report> {
    const { file, env } = this.#options;
    return new Child(file, { env, detached: true });
  }
}

async function end(
  child: { end(): Promise<void>; readonly pid: number } | null,
): Promise<void> {
  if (child === null) return;
  await child.end();
  WallClocks.bury(child.pid);
}
