/**
 * Messages as a writer is given them.
 *
 * @module
 */

import type { NewMessage } from "@mailboat/outbox";

let serial = 0;

/** A message; its id is new unless it is given. */
export function message(given: Partial<NewMessage> = {}): NewMessage {
  return {
    id: `id-${++serial}`,
    chosenId: false,
    event: "meter.read",
    topic: "meters/m-1",
    key: "m-1",
    payload: new TextEncoder().encode('{"kwh":4.2}'),
    contentType: "application/json",
    headers: {},
    responseTopic: null,
    correlationData: null,
    qos: 1,
    retain: false,
    onDead: null,
    enqueuedAtMs: 1_700_000_000_000,
    ttlMs: null,
    counted: false,
    ...given,
  };
}
