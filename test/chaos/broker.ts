/**
 * A Mosquitto that can be killed and brought back at its old place.
 *
 * @module
 */

import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import {
  freePort,
  type Mosquitto,
  startMosquitto,
} from "../support/mosquitto.ts";

/** A broker, there or not. */
export class Broker {
  readonly port: number;
  readonly #folder = mkdtempSync(join(tmpdir(), "mailboat-chaos-broker-"));
  readonly #persistent: boolean;
  #running: Mosquitto | null = null;

  private constructor(port: number, persistent: boolean) {
    this.port = port;
    this.#persistent = persistent;
  }

  /** Starts one; a persistent one remembers over its death what it wrote down. */
  static async start(persistent: boolean): Promise<Broker> {
    const broker = new Broker(await freePort(), persistent);
    await broker.revive();
    return broker;
  }

  /** `mqtt://127.0.0.1:PORT`. */
  get url(): string {
    return `mqtt://127.0.0.1:${this.port}`;
  }

  /** Ends it with no chance to do anything more. */
  async kill(): Promise<void> {
    await this.#running?.stop();
    this.#running = null;
  }

  /** Brings it back. */
  async revive(): Promise<void> {
    this.#running ??= await startMosquitto({
      port: this.port,
      config: ["max_inflight_messages 0", "max_queued_messages 0"].concat(
        this.#persistent ? this.#remembering() : [],
      ),
    });
  }

  /** Ends it for good. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** Has it write down what it took; resolves when it has. */
  async writeDown(): Promise<void> {
    const writtenMs = () =>
      statSync(this.#file, { throwIfNoEntry: false })?.mtimeMs;
    const beforeMs = writtenMs();
    this.#running?.process.kill("SIGUSR1");
    await eventually(() => writtenMs() !== beforeMs, "the broker's file");
  }

  get #file(): string {
    return join(this.#folder, "mosquitto.db");
  }

  /** It writes down what it took when it is told to, and never by itself. */
  #remembering(): string[] {
    return [
      "user root",
      "persistence true",
      `persistence_location ${this.#folder}/`,
      "autosave_interval 0",
    ];
  }
}
