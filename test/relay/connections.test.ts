/**
 * One connection at a time: when it is opened, how long it is trusted, and when
 * it is given up.
 */

import { expect, test } from "vitest";
import { createRig, disorder, stop } from "../support/relay_rig.ts";

test("tries to connect are spaced out with jitter, and start over once the broker took a message", async () => {
  const rig = await createRig({ reconnectBaseMs: 100, reconnectCapMs: 10_000 });
  rig.broker.down();
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  const tries = rig.of("transport.unavailable");
  expect(tries.length).toBeGreaterThan(5);
  expect(tries.length).toBeLessThan(60);
  expect(Math.max(...tries.map(({ retryInMs }) => retryInMs)))
    .toBeLessThanOrEqual(10_000);
  expect(new Set(tries.map(({ retryInMs }) => retryInMs)).size).toBeGreaterThan(
    3,
  );
  rig.broker.up();
  await rig.clock.advance(20_000);
  rig.broker.down();
  rig.publish("a");
  await rig.clock.advance(1);
  const status = rig.relay.status();
  expect(status.link).toMatchObject({ kind: "waiting", tries: 1 });
  await stop(rig, running);
});

test("a broker that stops acknowledging is left, and everything goes out over a new connection", async () => {
  const rig = await createRig({ sendTimeoutMs: 2_000, leaseMs: 5_000 });
  rig.broker.hang();
  rig.publish("a", "a", "b");
  const running = rig.relay.run();
  await rig.clock.advance(1_900);
  expect(rig.broker.connections).toBe(1);
  await rig.clock.advance(200);
  expect(rig.of("transport.lost").map(({ failure }) => failure.code)).toEqual([
    "NO_ACKNOWLEDGEMENT",
  ]);
  rig.broker.release();
  await rig.clock.advance(20_000);
  expect(new Set(rig.seen()).size).toBe(3);
  expect(disorder(rig.seen())).toEqual([]);
  await stop(rig, running);
});

test("one lost acknowledgement among many is found although others keep coming", async () => {
  let lost = false;
  const rig = await createRig({
    sendTimeoutMs: 2_000,
    leaseMs: 5_000,
    broker: {
      acknowledgeMs: 10,
      answer: (message) => {
        if (message.id !== "a:1" || lost) return { kind: "delivered" };
        lost = true;
        return { kind: "unknown" };
      },
    },
  });
  rig.publish("a", "a");
  const running = rig.relay.run();
  for (let i = 0; i < 100; i++) {
    rig.publish("b");
    await rig.clock.advance(100);
  }
  expect(rig.seen().filter((entry) => entry.startsWith("a"))).toEqual([
    "a:1",
    "a:1",
    "a:2",
  ]);
  expect(disorder(rig.seen())).toEqual([]);
  await stop(rig, running);
});

test("a slow link that makes progress is not mistaken for a stuck one", async () => {
  const rig = await createRig({
    sendTimeoutMs: 1_000,
    leaseMs: 60_000,
    broker: { window: 100, arriveMs: 0, acknowledgeMs: ({ seq }) => seq * 500 },
  });
  rig.publish(...Array.from({ length: 20 }, (_, i) => `k${i}`));
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  expect(rig.of("transport.lost")).toEqual([]);
  expect(rig.seen()).toHaveLength(20);
  await stop(rig, running);
});

test("a connection that never opens is given up in time", async () => {
  const rig = await createRig({ connectTimeoutMs: 3_000 });
  rig.broker.hang("connect");
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(2_900);
  expect(rig.relay.status().link.kind).toBe("connecting");
  await rig.clock.advance(200);
  expect(rig.of("transport.unavailable")).toHaveLength(1);
  rig.broker.release();
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["a:1"]);
  await stop(rig, running);
});
