/**
 * The condition of the relay and of its way to the broker: what is broken
 * right now.
 *
 * @module
 */

import type { RelayReport } from "./process_protocol.ts";

/** Follows what is done to the processes, and what the relay says. */
export class Condition {
  /** The largest window of messages in flight so far. */
  window = 1;
  /** How often the relay lost a connection. */
  lostConnections = 0;
  #relay: string | null = null;
  #broker: string | null = null;

  /** What is broken, or `null`. */
  get broken(): string | null {
    return this.#relay ?? this.#broker;
  }

  /** Notes that the relay was killed. */
  relayKilled(): void {
    this.#relay = "the relay was killed";
  }

  /** Notes that a relay was started. */
  relayStarted(): void {
    this.#relay =
      "the new relay waits until the lease of the killed one lapses";
  }

  /** Notes that the broker was taken away. */
  brokerGone(): void {
    this.#broker = "the broker is away";
  }

  /** Notes that the broker is there again. */
  brokerBack(): void {
    this.#broker = "the relay has not noticed yet that the broker is back";
  }

  /** Notes what the relay says. */
  heard(report: RelayReport): void {
    if (report.type === "took over") this.#relay = null;
    if (report.type === "cut off") this.lostConnections += 1;
    if (report.type === "connected") {
      this.#broker = null;
      this.window = Math.max(this.window, report.window);
    }
  }
}
