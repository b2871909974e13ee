/**
 * What goes wrong in a service beyond what is done to it.
 *
 * @module
 */

import type { ConsumerEvent, RelayEvent } from "@mailboat/outbox";

/** The reason, or `null` for what is no trouble. */
export function troubleOf(event: RelayEvent | ConsumerEvent): string | null {
  switch (event.type) {
    case "store.failed":
      // The handlers write to the same file; waiting for them is no trouble.
      return event.code === "STORAGE_BUSY" ? null : event.reason;
    case "transport.unavailable":
      return event.reason;
    case "message.retry":
    case "message.dead":
    case "message.failed":
    case "message.set_aside":
      return `${event.type}: ${event.failure.reason}`;
    default:
      return null;
  }
}
