/**
 * A relay may look at what a connection left unknown before it hears why it ended.
 */

import type { RelayEvent, Transport } from "@mailboat/outbox";
import { createRelay } from "@mailboat/outbox";
import {
  createMemoryStorage,
  createMemoryTransport,
  createSeededRandom,
  createVirtualClock,
  type VirtualClock,
} from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import { publish } from "../support/relay_rig.ts";

test("poison is found where its outcome comes before the reason of the end", async () => {
  const clock = createVirtualClock();
  const storage = createMemoryStorage();
  await storage.migrate();
  const failure = { code: "BAD", reason: "no", advice: "suspect" } as const;
  const broker = createMemoryTransport({
    clock,
    answer: ({ key }) =>
      key === "bad" ? { kind: "end", failure } : { kind: "delivered" },
  });
  const events: RelayEvent[] = [];
  const relay = createRelay({
    storage,
    transport: toldLate(broker, clock),
    clock,
    random: createSeededRandom(1),
    observe: (event) => events.push(event),
  });
  publish(storage, ["bad", "a", "b"]);
  const running = relay.run();
  await clock.advance(300_000);
  const lost = events.filter(({ type }) => type === "transport.lost");
  expect(lost.map((event) => "failure" in event && event.failure.code))
    .toEqual(lost.map(() => "BAD"));
  expect(events.filter(({ type }) => type === "message.dead")).toHaveLength(1);
  expect(new Set(broker.received.map(({ message: { id } }) => id)))
    .toEqual(new Set(["a:1", "b:1"]));
  const stopped = relay.stop();
  await clock.advance(20_000);
  await stopped;
  await running;
});

/** The relay looks at an outcome in the next turn. */
const TURNS = 2;

/** Tells why a connection ended just after the relay looked at what it left. */
function toldLate(transport: Transport, clock: VirtualClock): Transport {
  return {
    name: transport.name,
    async connect(request) {
      const sound = await transport.connect(request);
      return {
        window: sound.window,
        send: (message, terms) => sound.send(message, terms),
        close: () => sound.close(),
        closed: sound.closed.then(async (failure) => {
          for (let turn = 0; turn < TURNS; turn++) await clock.turn();
          return failure;
        }),
      };
    },
  };
}
