/**
 * Pipelined order: several messages of one key on one connection, and what
 * becomes of them when one is refused, lost, dead or expired.
 */

import { InputError, type Outcome } from "@mailboat/outbox";
import { createMemoryTransport } from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import {
  createRig,
  publish,
  refusing,
  type Rig,
  stop,
} from "../support/relay_rig.ts";

const order = "pipelined" as const;
const FIVE = ["a", "a", "a", "a", "a"];

/** Numbers of the messages of `a`, in the order in which they arrived. */
const numbers = (rig: Rig) => rig.seen().map((id) => Number(id.slice(2)));

/** The numbers of what is not recorded as delivered. */
const stored = (rig: Rig) =>
  rig.storage.snapshot().messages.map(({ id }) => Number(id.slice(2)));

test("several of one key are on their way at a time, as many as `laneWindow`", async () => {
  const rig = await createRig({ order, laneWindow: 3 });
  rig.broker.hang();
  rig.publish(...FIVE, "b");
  const running = rig.relay.run();
  await rig.clock.advance(100);
  expect(rig.seen()).toEqual(["a:1", "b:1", "a:2", "a:3"]);
  expect(rig.relay.status()).toMatchObject({ order, inFlight: 4 });
  rig.broker.release();
  await rig.clock.runUntil(() => stored(rig).length === 0);
  expect(rig.seen()).toHaveLength(6);
  expect(rig.of("lane.rewound")).toEqual([]);
  await stop(rig, running);
});

test("a lane deeper than memory goes on while its first are on their way", async () => {
  const rig = await createRig({ order, laneDepth: 2, readBatch: 2 });
  rig.broker.hang();
  rig.publish(...FIVE);
  const running = rig.relay.run();
  await rig.clock.advance(100);
  expect(numbers(rig)).toEqual([1, 2, 3, 4, 5]);
  rig.broker.release();
  await stop(rig, running);
  expect(stored(rig)).toEqual([]);
});

test("the third of five is refused: the last copies are in order, and nothing is recorded early", async () => {
  const rig = await createRig({
    order,
    broker: {
      acknowledgeMs: 5,
      answer: refusing((id, attempt) =>
        id === "a:3" && attempt <= 2 ? "retry" : null
      ),
    },
  });
  rig.publish(...FIVE);
  const running = rig.relay.run();
  await rig.clock.runUntil(() => rig.of("lane.rewound").length > 0);
  expect(numbers(rig)).toEqual([1, 2, 4, 5]);
  await rig.clock.runUntil(() => stored(rig).length < 5);
  expect(stored(rig)).toEqual([3, 4, 5]);
  await rig.clock.runUntil(() => stored(rig).length === 0);
  // It is tried alone the second time: refusals repeat others only once.
  expect(numbers(rig)).toEqual([1, 2, 4, 5, 3, 4, 5]);
  expect(rig.of("lane.rewound")).toEqual([
    {
      type: "lane.rewound",
      key: "a",
      from: 3,
      count: 2,
      repeated: 2,
      code: "TEST",
    },
  ]);
  expect(rig.of("message.retry").map(({ attempts }) => attempts))
    .toEqual([1, 2]);
  expect(rig.relay.status().counters).toMatchObject({ delivered: 5 });
  expect(rig.of("message.delivered")).toHaveLength(5);
  await stop(rig, running);
});

test("nothing of the lane goes again before all that was sent has landed", async () => {
  const rig = await createRig({
    order,
    broker: {
      acknowledgeMs: ({ id }) => id === "a:5" ? 3_000 : 1,
      answer: refusing((id, attempt) =>
        id === "a:2" && attempt === 1 ? "deferred" : null
      ),
    },
  });
  rig.publish(...FIVE);
  const running = rig.relay.run();
  await rig.clock.advance(2_900);
  expect(numbers(rig)).toEqual([1, 3, 4, 5]);
  // What the broker took behind the refused one would go again after a crash.
  expect(rig.relay.status()).toMatchObject({ inFlight: 1, unsettled: 3 });
  await rig.clock.runUntil(() => stored(rig).length === 0);
  expect(numbers(rig)).toEqual([1, 3, 4, 5, 2, 3, 4, 5]);
  await stop(rig, running);
});

test("other lanes go on meanwhile", async () => {
  const rig = await createRig({
    order,
    broker: { answer: refusing((id) => id === "a:2" ? "deferred" : null) },
  });
  rig.publish("a", "a", "a", "b", "b", "b");
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  expect(rig.seen().filter((id) => id.startsWith("b")))
    .toEqual(["b:1", "b:2", "b:3"]);
  await stop(rig, running);
});

test("a connection that is cut in the middle: everything that was not acknowledged goes again", async () => {
  const rig = await createRig({ order });
  rig.broker.hang();
  rig.publish(...FIVE);
  const running = rig.relay.run();
  await rig.clock.advance(10);
  rig.broker.acknowledge(2);
  await rig.clock.advance(10);
  rig.broker.cut();
  rig.broker.release();
  await rig.clock.runUntil(() => stored(rig).length === 0);
  expect(numbers(rig)).toEqual([1, 2, 3, 4, 5, 3, 4, 5]);
  expect(rig.of("lane.rewound")).toMatchObject([
    { from: 3, count: 2, repeated: 0, code: "IN_DOUBT" },
  ]);
  await stop(rig, running);
});

test("an acknowledgement that is lost takes with it those that came behind it", async () => {
  const lost: Outcome = { kind: "unknown" };
  const rig = await createRig({
    order,
    sendTimeoutMs: 1_000,
    broker: {
      answer: ({ id }, attempt) =>
        id === "a:2" && attempt === 1 ? lost : { kind: "delivered" },
    },
  });
  rig.publish("a", "a", "a", "a");
  const running = rig.relay.run();
  await rig.clock.runUntil(() => stored(rig).length === 0);
  expect(numbers(rig)).toEqual([1, 2, 3, 4, 2, 3, 4]);
  expect(rig.of("lane.rewound")).toMatchObject([{ count: 2, repeated: 2 }]);
  await stop(rig, running);
});

test("a dead one holds its lane: those behind it wait for an operator, and go again", async () => {
  const rig = await createRig({
    order,
    broker: {
      answer: refusing((id, attempt) =>
        id === "a:3" && attempt === 1 ? "dead" : null
      ),
    },
  });
  rig.publish(...FIVE);
  const running = rig.relay.run();
  await rig.clock.advance(10_000);
  expect(stored(rig)).toEqual([3, 4, 5]);
  expect(rig.relay.status()).toMatchObject({ held: { count: 1 }, inFlight: 0 });
  const store = await rig.storage.open();
  await store.retryDead({ id: "a:3" });
  await rig.clock.runUntil(() => stored(rig).length === 0);
  expect(numbers(rig)).toEqual([1, 2, 4, 5, 3, 4, 5]);
  await stop(rig, running);
});

test("a dead one that is skipped gives up its place: those behind it go again", async () => {
  const rig = await createRig({
    order,
    onDead: "skip",
    broker: { answer: refusing((id) => id === "a:3" ? "dead" : null) },
  });
  rig.publish(...FIVE);
  const running = rig.relay.run();
  await rig.clock.runUntil(() => rig.of("message.delivered").length === 4);
  expect(numbers(rig)).toEqual([1, 2, 4, 5, 4, 5]);
  await stop(rig, running);
});

test("where everything is refused for good, each is sent about once", async () => {
  const rig = await createRig({
    order,
    onDead: "skip",
    broker: { window: 64, answer: refusing(() => "dead") },
  });
  rig.publish(...Array.from({ length: 60 }, () => "a"));
  const running = rig.relay.run();
  await rig.clock.runUntil(() => rig.of("message.dead").length === 60);
  expect(rig.broker.refused.length).toBeLessThanOrEqual(2 * 60);
  await stop(rig, running);
});

test("brokers keep the order of one topic and QoS: another one waits", async () => {
  const rig = await createRig({ order });
  rig.broker.hang();
  publish(rig.storage, ["a", "a"]);
  publish(rig.storage, ["a", "a"], { qos: 2 });
  publish(rig.storage, ["a"], { qos: 2, topic: "another" });
  const running = rig.relay.run();
  await rig.clock.advance(100);
  expect(numbers(rig)).toEqual([1, 2]);
  rig.broker.acknowledge(2);
  await rig.clock.advance(100);
  expect(numbers(rig)).toEqual([1, 2, 3, 4]);
  rig.broker.release();
  await rig.clock.runUntil(() => stored(rig).length === 0);
  expect(numbers(rig)).toEqual([1, 2, 3, 4, 5]);
  await stop(rig, running);
});

test("one that expired waits for those before it, and those behind it for its record", async () => {
  const rig = await createRig({ order, settleDelayMs: 1_000 });
  rig.broker.hang();
  const enqueuedAtMs = rig.clock.nowMs();
  publish(rig.storage, ["a", "a"]);
  publish(rig.storage, ["a"], { ttlMs: 50, enqueuedAtMs });
  publish(rig.storage, ["a"]);
  rig.broker.down();
  const running = rig.relay.run();
  await rig.clock.advance(60);
  rig.broker.up();
  await rig.clock.advance(2_000);
  expect(numbers(rig)).toEqual([1, 2]);
  expect(rig.of("message.expired")).toEqual([]);
  rig.broker.release();
  await rig.clock.runUntil(() => stored(rig).length === 0);
  expect(numbers(rig)).toEqual([1, 2, 4]);
  expect(rig.of("message.expired")).toHaveLength(1);
  await stop(rig, running);
});

test("the window of the connection is respected by a lane that could fill it", async () => {
  const rig = await createRig({ order, broker: { window: 4 } });
  rig.broker.hang();
  rig.publish(...FIVE, ...FIVE);
  const running = rig.relay.run();
  await rig.clock.advance(100);
  expect(rig.broker.inFlight).toBe(4);
  rig.broker.release();
  await rig.clock.runUntil(() => stored(rig).length === 0);
  expect(rig.broker.overruns).toBe(0);
  await stop(rig, running);
});

test("poison that ends connections is found among those of its key, and alone held", async () => {
  const rig: Rig = await createRig({
    order,
    broker: {
      window: 32,
      acknowledgeMs: 1,
      answer: ({ id }) => {
        const failure = { code: "MQTT_0x95", reason: "Packet too large" };
        if (id === "a:70") {
          rig.broker.cut({ failure: { ...failure, advice: "suspect" } });
        }
        return { kind: "delivered" };
      },
    },
  });
  const times = (count: number, key: string) => Array<string>(count).fill(key);
  rig.publish(...times(100, "a"), ...times(100, "b"));
  const running = rig.relay.run();
  await rig.clock.advance(120_000);
  expect(rig.of("message.dead").map(({ message }) => message.id))
    .toEqual(["a:70"]);
  const last = [...new Set(rig.seen().reverse())].reverse();
  const of = (key: string) => last.filter((id) => id.startsWith(key));
  expect(of("a").slice(0, 69)).toEqual(times(69, "a").map(numbered));
  expect(of("b")).toEqual(times(100, "b").map(numbered));
  // What was behind the poison was never sent: the connection ended before.
  expect(of("a")).toHaveLength(69);
  await stop(rig, running);
});

test("strict is the default, and shown; pipelined needs a transport that declares its order", async () => {
  const rig = await createRig();
  expect(rig.relay.status().order).toBe("strict");
  const { ordered: _, ...undeclared } = createMemoryTransport({
    clock: rig.clock,
  });
  for (
    const options of [
      { order, transport: { ...undeclared, connect: () => never() } },
      { order: "fifo" as never },
      { order, laneWindow: 1 },
    ]
  ) {
    await expect(createRig(options)).rejects.toThrow(InputError);
  }
  expect((await createRig({ order })).relay.status().order).toBe(order);
});

function numbered(key: string, at: number): string {
  return `${key}:${at + 1}`;
}

function never(): Promise<never> {
  return new Promise(() => {});
}

test("a key whose first is never acknowledged leaves room for others, if its window is smaller", async () => {
  const rig = await createRig({
    order,
    laneWindow: 8,
    broker: {
      answer: ({ id }) => ({ kind: id === "a:1" ? "unknown" : "delivered" }),
    },
  });
  rig.publish(...Array.from({ length: 40 }, () => "a"));
  const running = rig.relay.run();
  await rig.clock.advance(2_000);
  expect(rig.relay.status()).toMatchObject({ inFlight: 1, unsettled: 7 });
  rig.publish("b");
  await rig.clock.advance(1_000);
  expect(rig.of("message.delivered").map(({ message }) => message.key))
    .toEqual(["b"]);
  await stop(rig, running);
});
