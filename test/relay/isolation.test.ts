/**
 * Poison that ends connections is found, and nothing else dies of it.
 */

import { type Advice, createRelay, type Message } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { StoppableProcess } from "../../src/testing/conformance/stoppable_process.ts";
import { createRig, disorder, type Rig, stop } from "../support/relay_rig.ts";

type Poison = (message: Message) => Advice | null;

async function poisonedRig(poison: Poison): Promise<Rig> {
  const rig: Rig = await createRig({
    readBatch: 1_000,
    broker: {
      window: 32,
      acknowledgeMs: 1,
      answer: (message) => {
        const advice = poison(message);
        if (advice !== null) {
          const failure = { code: "MQTT_0x95", reason: "Packet too large" };
          rig.broker.cut({ failure: { ...failure, advice } });
        }
        return { kind: "delivered" };
      },
    },
  });
  return rig;
}

for (const advice of ["suspect", "silent"] as const) {
  test(`three poisonous messages among many are set aside, the others delivered in order: ${advice}`, async () => {
    const bad = new Set(["k3:7", "k11:2", "k19:40"]);
    const nth = new Map<string, number>();
    const names = new Map<number, string>();
    const rig = await poisonedRig(({ seq }) =>
      bad.has(names.get(seq) ?? "") ? advice : null
    );
    for (let n = 0; n < 2_000; n++) {
      const key = `k${n % 20}`;
      nth.set(key, (nth.get(key) ?? 0) + 1);
      names.set(n + 1, `${key}:${nth.get(key)}`);
    }
    rig.publish(...Array.from({ length: 2_000 }, (_, n) => `k${n % 20}`));
    const running = rig.relay.run();
    await rig.clock.advance(120_000);
    const dead = rig.of("message.dead");
    expect(new Set(dead.map(({ message }) => names.get(message.seq))))
      .toEqual(bad);
    for (const { failure } of dead) {
      expect(failure.code).toBe("MQTT_0x95");
      expect(failure.reason).toContain("this message alone");
    }
    // Each may end five connections, the first of them with others on it.
    expect(rig.broker.connections).toBeLessThanOrEqual(1 + 3 * 5);
    expect(disorder(rig.seen())).toEqual([]);
    const behind = (100 - 7) + (100 - 2) + (100 - 40);
    expect(new Set(rig.seen()).size).toBe(2_000 - 3 - behind);
    await stop(rig, running);
  });
}

test("a network that ends every connection after a message condemns nobody", async () => {
  let flapping = true;
  const rig = await poisonedRig(() => flapping ? "silent" : null);
  rig.publish("a", "a", "b", "c");
  const running = rig.relay.run();
  await rig.clock.advance(86_400_000);
  expect(rig.of("message.dead")).toEqual([]);
  expect(rig.storage.snapshot().failures).toEqual([]);
  flapping = false;
  await rig.clock.advance(600_000);
  expect(new Set(rig.seen()).size).toBe(4);
  expect(disorder(rig.seen())).toEqual([]);
  await stop(rig, running);
});

test("a message that has no rights is deferred, and delivered when it has them", async () => {
  let allowed = false;
  const rig: Rig = await createRig({
    broker: {
      answer: ({ key }) => {
        if (key === "denied" && !allowed) {
          rig.broker.cut({
            failure: {
              code: "MQTT_0x87",
              reason: "Not authorized",
              advice: "suspect",
              onceProven: "defer",
            },
          });
        }
        return { kind: "delivered" };
      },
    },
  });
  rig.publish("denied", "denied", "a", "b");
  const running = rig.relay.run();
  await rig.clock.advance(3_600_000);
  expect(rig.of("message.dead")).toEqual([]);
  expect(rig.seen().filter((entry) => !entry.startsWith("denied")).sort())
    .toEqual(["a:1", "b:1"]);
  allowed = true;
  await rig.clock.advance(600_000);
  expect(rig.seen().filter((entry) => entry.startsWith("denied")))
    .toEqual(["denied:1", "denied:2"]);
  await stop(rig, running);
});

test("a drain isolates, and does not take it for an outage", async () => {
  const rig = await poisonedRig(({ id }) => id === "k1:50" ? "silent" : null);
  rig.publish(...Array.from({ length: 400 }, (_, n) => `k${n % 4}`));
  const draining = rig.relay.drain({ budgetMs: 60_000 });
  await rig.clock.advance(60_000);
  expect((await draining).reason).toBe("empty");
  expect(new Set(rig.seen()).size).toBe(3 * 100 + 49);
});

test("a drain gives up for no message that ends connections", async () => {
  const rig = await poisonedRig(() => "silent");
  rig.publish("a");
  const draining = rig.relay.drain({ budgetMs: 60_000 });
  await rig.clock.advance(60_000);
  expect((await draining).reason).toBe("empty");
});

test("poison that is on trial as well is set aside", async () => {
  const rig = await poisonedRig(({ id }) => id === "b:1" ? "suspect" : null);
  rig.publish("a", "b", "c", "b");
  for (let death = 0; death < 3; death++) {
    const process = new StoppableProcess({
      storage: rig.storage,
      transport: { name: "dying", connect: () => new Promise(() => {}) },
      clock: rig.clock,
    });
    const { storage, transport, clock } = process;
    void createRelay({ storage, transport, clock }).run();
    await rig.clock.advance(60_000);
    process.stop();
  }
  const running = rig.relay.run();
  await rig.clock.advance(120_000);
  expect(rig.of("lease.acquired")[0]?.trials).toBeGreaterThan(0);
  expect(rig.of("message.dead").map(({ message }) => message.id))
    .toEqual(["b:1"]);
  expect(rig.broker.connections).toBeLessThanOrEqual(6);
  expect(rig.seen().sort()).toEqual(["a:1", "c:1"]);
  await stop(rig, running);
});

test("missing rights are an alarm, once for each connection", async () => {
  const rig = await createRig({
    broker: {
      answer: () => ({
        kind: "deferred",
        failure: { code: "MQTT_0x87", reason: "Not authorized" },
        afterMs: 60_000,
      }),
    },
  });
  rig.publish("a", "b", "c");
  const running = rig.relay.run();
  await rig.clock.advance(600_000);
  const alarm = { code: "MQTT_0x87", reason: "Not authorized" };
  expect(rig.of("transport.warning").map(({ warning }) => warning))
    .toEqual([alarm]);
  expect(rig.relay.status().link).toMatchObject({ warnings: [alarm] });
  rig.broker.cut();
  await rig.clock.advance(600_000);
  expect(rig.of("transport.warning")).toHaveLength(2);
  await stop(rig, running);
});

test("a lone message that the broker blames is set aside", async () => {
  const rig = await poisonedRig(() => "suspect");
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  expect(rig.of("message.dead")).toHaveLength(1);
  expect(rig.broker.connections).toBeLessThanOrEqual(3);
  await stop(rig, running);
});
