/**
 * A Mosquitto that is stopped and started again at its place, and keeps what
 * it took over that: what is lost would be ours.
 *
 * @module
 */

import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { userInfo } from "node:os";
import {
  type Mosquitto,
  startMosquitto,
} from "../../test/support/mosquitto.ts";

/** A broker that can be stopped and started. */
export class SoakBroker {
  readonly #config: readonly string[];
  #running: Mosquitto;

  private constructor(config: readonly string[], running: Mosquitto) {
    this.#config = config;
    this.#running = running;
  }

  /** Starts one on a free port; it keeps its file below `folder`. */
  static async start(folder: string): Promise<SoakBroker> {
    const place = join(folder, "broker");
    mkdirSync(place);
    const config = [
      "max_inflight_messages 0",
      "max_queued_messages 0",
      `user ${userInfo().username}`,
      "persistence true",
      `persistence_location ${place}/`,
    ];
    return new SoakBroker(config, await startMosquitto({ config }));
  }

  get url(): string {
    return this.#running.url;
  }

  /** Has it end as a service is ended: it writes down what it took. */
  async stop(): Promise<void> {
    const { process: child } = this.#running;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    }
    await this.#running.stop();
  }

  /** Starts it again, on its port. */
  async start(): Promise<void> {
    const { port } = this.#running;
    this.#running = await startMosquitto({ port, config: this.#config });
  }
}
