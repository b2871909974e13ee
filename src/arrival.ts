/**
 * Arrivals: messages off the wire, and what a consumer goes by to handle them.
 *
 * @module
 */

import type { ReceivedRef } from "./consumer_event.ts";
import type { Received } from "./handling.ts";
import { readEvent } from "./logic/content_mode.ts";
import type { DecodedEvent } from "./logic/received_event.ts";
import type { Delivery } from "./subscriber.ts";

/** A message that arrived, and the connection that it may be acknowledged on. */
export interface Arrival extends Received {
  readonly delivery: Delivery;
  /** Counts connections. */
  readonly line: number;
  readonly ref: ReceivedRef;
  /** What it takes its turn with, or `null` for what is no event. */
  readonly lane: string | null;
  /** The same whenever it is delivered. */
  readonly name: string;
}

/** Reads as much of a delivery as its order asks for; whatever it is, it arrives. */
export function arrivalOf(delivery: Delivery, line: number): Arrival {
  const decoded = readEvent(delivery);
  const ref = refOf(delivery, decoded);
  const { id, source, key } = ref;
  return {
    delivery,
    decoded,
    line,
    ref,
    // Keys are the producer's own. Copies of one message take turns as well,
    // though it has no key.
    lane: decoded.kind === "malformed"
      ? null
      : JSON.stringify(key === null ? [source, null, id] : [source, key]),
    name: JSON.stringify([source, id]),
  };
}

function refOf({ topic }: Delivery, decoded: DecodedEvent): ReceivedRef {
  if (decoded.kind === "malformed") {
    return { topic, id: null, source: null, event: null, key: null };
  }
  const { id, source, type: event, key } = decoded.event;
  return { topic, id, source, event, key };
}
