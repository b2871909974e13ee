/**
 * The transport in memory, as the conformance cases see it.
 *
 * @module
 */

import type { Transport } from "@mailboat/outbox";
import {
  createMemoryTransport,
  createVirtualClock,
  type TransportHarness,
} from "@mailboat/outbox/testing";

const refusedTopic = "refused/m-1";

/** A broker in memory that has received nothing. */
export function createMemoryTransportHarness(
  disguise: (transport: Transport) => Transport = (one) => one,
): Promise<TransportHarness> {
  const memory = createMemoryTransport({
    clock: createVirtualClock(),
    answer: ({ topic }) =>
      topic === refusedTopic
        ? { kind: "retry", failure: { code: "REFUSED", reason: "Not this" } }
        : { kind: "delivered" },
  });
  let hangs = false;
  const transport = disguise({
    name: memory.name,
    // It hangs in one place at a time: for a caller that is the door.
    connect: (request) => {
      if (hangs) memory.hang("connect");
      return memory.connect(request);
    },
  });
  const doing = (work: () => void) => () =>
    new Promise<void>((resolve) => resolve(work()));
  return Promise.resolve({
    transport,
    refusedTopic,
    replaces: true,
    received: () =>
      memory.received.map(({ message, terms }) => ({
        ...message,
        remainingMs: terms.remainingMs ?? null,
      })),
    hang: doing(() => {
      hangs = true;
      memory.hang("acknowledgement");
    }),
    resume: doing(() => {
      hangs = false;
      memory.release();
    }),
    cut: doing(() => {
      hangs = false;
      memory.cut();
      memory.release();
    }),
    refuse: doing(() => memory.down("TRANSPORT_REFUSED")),
    stop: doing(() => memory.down("TRANSPORT_UNAVAILABLE")),
    close: doing(() => memory.down()),
  });
}
