/**
 * The witness: which rare situations a seed has reached, and what its faults
 * explain.
 *
 * @module
 */

import type { RelayEvent } from "@mailboat/outbox";

/** Watches the relays of one seed. */
export class Witness {
  /** Situations reached, by name. */
  readonly situations: Set<string> = new Set();
  /** Messages that died without holding their lane, by id. */
  readonly skipped: Set<string> = new Set();
  /** Duplicates that faults explain: a window per crash, what was in flight per lost connection. */
  duplicatesExplained = 0;

  /** Takes note of what a relay tells. */
  note(event: RelayEvent): void {
    switch (event.type) {
      case "lease.acquired":
        if (event.epoch > 1) this.situations.add("takeover");
        break;
      case "lease.lost":
        this.duplicatesExplained += event.unrecorded;
        this.situations.add(
          event.unrecorded > 0 ? "fenced settle" : "lease lost",
        );
        break;
      case "message.dead":
        if (!event.held) this.skipped.add(event.message.id);
        this.situations.add(event.held ? "held" : "skipped");
        break;
      case "message.retry":
        this.situations.add("retry");
        break;
      case "transport.unavailable":
        this.situations.add(`connect failed: ${event.code}`);
        break;
      case "transport.lost":
        this.duplicatesExplained += event.inFlight;
        if (event.failure.code === "NO_ACKNOWLEDGEMENT") {
          this.situations.add("stall broken");
        }
        break;
    }
  }
}
