/**
 * Inspection: what relays say about themselves while they work.
 *
 * @module
 */

import type { Relay } from "@mailboat/outbox";
import type { World } from "./world.ts";

/** Looks at every relay of a world. */
export class Inspection {
  /** Relays whose window was cut. */
  readonly #cut = new WeakSet<Relay>();

  /** Notes what no relay may say, and what few do. */
  look({ processes, setting, auditor }: World): void {
    const { window, readBatch, laneDepth } = setting;
    for (const { relay, isKilled } of processes) {
      if (isKilled) continue;
      const { inFlight, unsettled, queued, link } = relay.status();
      if (inFlight + unsettled > window) {
        auditor.object(
          `${inFlight} in flight and ${unsettled} unsettled exceed the window`,
        );
      }
      // One page more than what is read ahead, and what came back from the wire.
      if (queued > readBatch + Math.max(readBatch, laneDepth) + window) {
        auditor.object(`${queued} messages are queued`);
      }
      if (link.kind !== "connected") continue;
      if (link.window < link.maxWindow) this.#cut.add(relay);
      else if (this.#cut.delete(relay)) {
        auditor.situations.add("window cut, and grown back");
      }
    }
  }
}
