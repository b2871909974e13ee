/**
 * A consumer on a virtual clock, with a database and a broker in memory.
 *
 * @module
 */

import {
  type Consumer,
  type ConsumerEvent,
  type ConsumerOptions,
  createConsumer,
  defineEvent,
  type OneStep,
  type TwoSteps,
} from "@mailboat/outbox";
import {
  createMemoryStorage,
  createMemorySubscriber,
  createSeededRandom,
  createVirtualClock,
  type MemoryDelivery,
  type MemoryStorage,
  type MemorySubscriber,
  type MemoryTransaction,
  type VirtualClock,
} from "@mailboat/outbox/testing";
import * as v from "valibot";
import { onTestFinished } from "vitest";

/** What the tests consume. */
export const meterRead = defineEvent("meter.read", {
  schema: v.object({ meter: v.string(), kwh: v.number() }),
  topic: (event) => `meters/${event.meter}`,
  key: (event) => event.meter,
});

/** A message as a relay would publish it, in binary mode. */
export function reading(
  meter: string,
  kwh: unknown,
  id: string = `${meter} ${kwh}`,
): MemoryDelivery {
  return {
    topic: `meters/${meter}`,
    payload: new TextEncoder().encode(JSON.stringify({ meter, kwh })),
    properties: {
      contentType: "application/json",
      userProperties: {
        specversion: "1.0",
        id,
        source: "/gateway",
        type: "meter.read",
        partitionkey: meter,
      },
    },
  };
}

/** Everything that a test needs. */
export interface ConsumerRig {
  readonly clock: VirtualClock;
  readonly storage: MemoryStorage;
  readonly subscriber: MemorySubscriber;
  readonly consumer: Consumer;
  readonly events: ConsumerEvent[];
  /** What the default handler wrote, in order. */
  readonly written: string[];
  /** Lets time pass until nothing happens any more, for `ms` at most. */
  pass(ms?: number): Promise<void>;
}

type Data = { readonly meter: string; readonly kwh: number };

/** What is done about a reading. */
export type Handler =
  | OneStep<MemoryTransaction, Data>
  | TwoSteps<MemoryTransaction, Data, unknown>;

type Options = Partial<ConsumerOptions<MemoryTransaction>> & {
  readonly handler?: Handler;
};

/** Starts a consumer; it is stopped when the test is over. */
export async function consumerRig(options: Options = {}): Promise<ConsumerRig> {
  const written: string[] = [];
  const {
    handler = (tx, { id, data }) => {
      tx.put("reading", id, { ...data });
      written.push(id);
    },
    ...others
  } = options;
  const clock = createVirtualClock();
  const storage = createMemoryStorage();
  await storage.migrate();
  const subscriber = createMemorySubscriber({ window: 8 });
  const events: ConsumerEvent[] = [];
  const consumer = createConsumer({
    consumer: "billing",
    subscriber,
    storage,
    database: storage,
    handlers: (on) => [on(meterRead, handler)],
    observe: (event) => events.push(event),
    clock,
    random: createSeededRandom(1),
    ...others,
  });
  const running = consumer.run();
  onTestFinished(async () => {
    const stopping = consumer.stop({ graceMs: 0 });
    await clock.advance(1);
    await stopping;
    await running;
  });
  const pass = (ms = 0) => clock.advance(ms);
  await pass();
  return { clock, storage, subscriber, consumer, events, written, pass };
}
