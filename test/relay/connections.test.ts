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
  const tries: number[] = [];
  for (let second = 0; second < 60; second++) {
    await rig.clock.advance(1_000);
    const { link } = rig.relay.status();
    tries.push(link.kind === "waiting" ? link.tries : 0);
  }
  expect(tries.at(-1)).toBeGreaterThan(5);
  expect(tries.at(-1)).toBeLessThan(60);
  // Told once: nothing has changed since.
  expect(rig.of("transport.unavailable")).toHaveLength(1);
  rig.broker.up();
  await rig.clock.advance(20_000);
  rig.broker.down();
  rig.publish("a");
  await rig.clock.advance(1);
  const status = rig.relay.status();
  expect(status.link).toMatchObject({ kind: "waiting", tries: 1 });
  await stop(rig, running);
});

test("an outage is told once, and again when it is for another reason", async () => {
  const rig = await createRig();
  rig.broker.down();
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(3_600_000);
  rig.broker.down("TRANSPORT_REFUSED");
  await rig.clock.advance(3_600_000);
  expect(rig.of("transport.unavailable").map(({ code }) => code))
    .toEqual(["TRANSPORT_UNAVAILABLE", "TRANSPORT_REFUSED"]);
  await stop(rig, running);
});

test("whoever says that the network is back ends the wait, whatever it is for", async () => {
  let back = () => {};
  let watching = false;
  const rig = await createRig({
    network: {
      watch(onOnline) {
        [back, watching] = [onOnline, true];
        return () => void (watching = false);
      },
    },
  });
  rig.broker.down();
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(3_600_000);
  rig.broker.up();
  back();
  await rig.clock.advance(1);
  expect(rig.seen()).toEqual(["a:1"]);
  rig.broker.cut({
    failure: { code: "DENIED", reason: "No rights", advice: "slow" },
  });
  rig.publish("a");
  await rig.clock.advance(1_000);
  expect(rig.seen()).toEqual(["a:1"]);
  rig.relay.online();
  await rig.clock.advance(1);
  expect(rig.seen()).toEqual(["a:1", "a:2"]);
  await stop(rig, running);
  expect(watching).toBe(false);
});

test("where only time or people help, tries are minutes apart and cost nothing", async () => {
  const rig = await createRig();
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(100);
  for (const advice of ["slow", "config"] as const) {
    const before = rig.broker.connections;
    rig.broker.cut({ failure: { code: "DENIED", reason: "", advice } });
    rig.publish("a");
    await rig.clock.advance(59_000);
    expect(rig.broker.connections).toBe(before);
    expect(rig.relay.status().link).toMatchObject({ kind: "waiting", advice });
    await rig.clock.advance(62_000);
    expect(rig.broker.connections).toBe(before + 1);
  }
  expect(rig.storage.snapshot().failures).toEqual([]);
  await stop(rig, running);
});

test("an end that is over already is followed by a new connection at once, but not twice in a row", async () => {
  const rig = await createRig({ reconnectBaseMs: 10_000 });
  const failure = {
    code: "EXPIRED",
    reason: "Maximum connect time",
    advice: "at-once",
  } as const;
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(100);
  rig.publish("a");
  rig.broker.cut({ failure });
  await rig.clock.advance(1);
  expect(rig.seen()).toEqual(["a:1", "a:2"]);
  rig.broker.hang();
  rig.publish("a");
  await rig.clock.advance(1);
  rig.broker.cut({ failure });
  await rig.clock.advance(1);
  rig.broker.cut({ failure });
  await rig.clock.advance(1);
  expect(rig.relay.status().link.kind).toBe("waiting");
  rig.broker.release();
  await stop(rig, running);
});

test("a broker that says it is too much gets half, and in time more again", async () => {
  const rig = await createRig({ broker: { window: 16, acknowledgeMs: 10 } });
  const keys = Array.from({ length: 400 }, (_, n) => `k${n}`);
  rig.publish(...keys.slice(0, 20));
  const running = rig.relay.run();
  await rig.clock.advance(5);
  expect(rig.broker.inFlight).toBe(16);
  rig.broker.cut({
    failure: { code: "TOO_MUCH", reason: "Rate", advice: "limit" },
  });
  await rig.clock.advance(2_000);
  rig.publish(...keys.slice(20));
  const inFlight: number[] = [];
  for (let n = 0; n < 300; n++) {
    await rig.clock.advance(5);
    inFlight.push(rig.broker.inFlight);
  }
  expect(inFlight.find((count) => count > 0)).toBeLessThanOrEqual(10);
  expect(Math.max(...inFlight)).toBe(16);
  expect(rig.relay.status().link)
    .toMatchObject({ kind: "connected", window: 16, maxWindow: 16 });
  expect(new Set(rig.seen()).size).toBe(400);
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
