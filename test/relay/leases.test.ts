import { createRelay, type Transport } from "@mailboat/outbox";
import { createSeededRandom } from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import {
  changedStorage,
  createRig,
  disorder,
  type Rig,
  stop,
} from "../support/relay_rig.ts";

/** Two relays on one storage and one clock; each has its own broker connection. */
async function pair(
  options: Parameters<typeof createRig>[0] = {},
): Promise<{ a: Rig; b: Rig }> {
  const a = await createRig({
    leaseMs: 3_000,
    sendTimeoutMs: 1_000,
    seed: 1,
    ...options,
  });
  const { storage: memory, clock: virtual, broker: transport } = a;
  const b = await createRig({
    leaseMs: 3_000,
    sendTimeoutMs: 1_000,
    ...options,
    memory,
    virtual,
    transport,
    seed: 2,
  });
  return { a, b };
}

test("of two relays one works and the other stands by; each message is sent once", async () => {
  const { a, b } = await pair();
  const runs = [a.relay.run(), b.relay.run()];
  for (let i = 0; i < 200; i++) {
    a.publish("x", "y");
    await a.clock.advance(50);
  }
  expect(a.seen()).toHaveLength(400);
  expect(new Set(a.seen()).size).toBe(400);
  const delivered = [a, b].map(({ relay }) =>
    relay.status().counters.delivered
  );
  expect(delivered).toContain(0);
  await stop(a, runs[0]);
  await stop(b, runs[1]);
});

test("a relay that vanishes is replaced within its lease", async () => {
  const { a, b } = await pair();
  const never = new AbortController();
  // A relay whose clock stands still is a process that was killed or stopped.
  const frozen = freezable(a);
  const first = createRelay({
    storage: a.storage,
    transport: frozen.transport,
    clock: frozen.clock,
    random: createSeededRandom(3),
    leaseMs: 3_000,
    sendTimeoutMs: 1_000,
  });
  void first.run({ signal: never.signal });
  a.publish("x", "x");
  await a.clock.advance(500);
  const running = b.relay.run();
  await a.clock.advance(500);
  frozen.freeze();
  a.publish("x", "x", "y");
  const atMs = a.clock.monotonicMs();
  await a.clock.runUntil(() => b.relay.status().counters.delivered > 0);
  expect(a.clock.monotonicMs() - atMs).toBeLessThanOrEqual(4_000);
  await stop(b, running);
});

test("a relay that was paused past its lease changes nothing and sends nothing when it comes back", async () => {
  const { a, b } = await pair({ broker: { acknowledgeMs: 100 } });
  const frozen = freezable(a);
  const lost: string[] = [];
  const first = createRelay({
    storage: a.storage,
    transport: frozen.transport,
    clock: frozen.clock,
    random: createSeededRandom(3),
    leaseMs: 3_000,
    sendTimeoutMs: 1_000,
    observe: ({ type }) => lost.push(type),
  });
  const firstRun = first.run();
  a.publish("x", "x", "x", "x", "x", "x");
  await a.clock.advance(250);
  const sentBefore = a.seen().length;
  expect(sentBefore).toBeGreaterThan(0);
  const running = b.relay.run();
  frozen.freeze();
  await a.clock.advance(20_000);
  expect(a.storage.snapshot().messages).toEqual([]);
  const before = { seen: a.seen().length, snapshot: a.storage.snapshot() };
  frozen.thaw();
  await a.clock.advance(10_000);
  expect(a.seen().length).toBe(before.seen);
  expect(a.storage.snapshot()).toEqual(before.snapshot);
  expect(lost).toContain("lease.lost");
  expect(disorder(a.seen())).toEqual([]);
  a.publish("x");
  await a.clock.advance(10_000);
  expect(disorder(a.seen())).toEqual([]);
  await stop(b, running);
  const stopped = first.stop();
  await a.clock.advance(10_000);
  await stopped;
  await firstRun;
});

test("its own clock and the fence stop a paused relay, even where the broker does not", async () => {
  const { a, b } = await pair({ broker: { acknowledgeMs: 100 } });
  // A client id of its own, and no look at the lease for a minute.
  const frozen = freezable(a, "another client id");
  const first = createRelay({
    storage: a.storage,
    transport: frozen.transport,
    clock: frozen.clock,
    random: createSeededRandom(3),
    leaseMs: 3_000,
    sendTimeoutMs: 3_000,
    pollMs: 60_000,
  });
  const firstRun = first.run();
  a.publish("x", "x", "x", "x", "x", "x", "y", "y");
  await a.clock.advance(250);
  expect(first.status().queued).toBeGreaterThan(0);
  const running = b.relay.run();
  frozen.freeze();
  await a.clock.advance(20_000);
  expect(a.storage.snapshot().messages).toEqual([]);
  const seen = a.seen();
  frozen.thaw();
  await a.clock.advance(10_000);
  expect(a.seen()).toEqual(seen);
  await stop(b, running);
  const stopped = first.stop();
  await a.clock.advance(10_000);
  await stopped;
  await firstRun;
});

test("a relay that lost its lease during an outage does not throw out the one that works", async () => {
  const { a, b } = await pair({ pollMs: 60_000, reconnectCapMs: 2_000 });
  const first = a.relay.run();
  a.broker.down();
  a.publish("x");
  await a.clock.advance(10_000);
  const second = b.relay.run();
  await a.clock.advance(10_000);
  expect(b.of("lease.acquired")).not.toEqual([]);
  a.broker.up();
  for (let i = 0; i < 20; i++) {
    a.publish("x");
    await a.clock.advance(500);
  }
  const replaced = [...a.of("transport.lost"), ...b.of("transport.lost")]
    .filter(({ failure }) => failure.code === "REPLACED");
  expect(replaced).toEqual([]);
  expect(disorder(a.seen())).toEqual([]);
  await stop(a, first);
  await stop(b, second);
});

test("a holder at work on a slow broker keeps its lease", async () => {
  const { a, b } = await pair({
    sendTimeoutMs: 3_000,
    pollMs: 100,
    broker: { acknowledgeMs: 2_000 },
  });
  const first = a.relay.run();
  a.publish("x", "x", "x", "x", "x");
  await a.clock.advance(1_000);
  const second = b.relay.run();
  await a.clock.advance(20_000);
  expect(a.storage.snapshot().messages).toEqual([]);
  expect(b.of("lease.acquired")).toEqual([]);
  await stop(a, first);
  await stop(b, second);
});

test("a wall clock that jumps gives nobody the lease of a holder at work", async () => {
  const { a, b } = await pair({ broker: { acknowledgeMs: 500 } });
  const runs = [a.relay.run(), b.relay.run()];
  for (const jumpMs of [3_600_000, -7_200_000, 1e12]) {
    a.publish("x", "x", "x", "x", "x", "x", "x", "x");
    await a.clock.advance(1_100);
    a.clock.jumpWall(jumpMs);
    await a.clock.advance(4_000);
  }
  const acquired = [...a.of("lease.acquired"), ...b.of("lease.acquired")];
  expect(acquired).toHaveLength(1);
  expect(disorder(a.seen())).toEqual([]);
  await stop(a, runs[0]);
  await stop(b, runs[1]);
});

test("a lease counts from when its renewal was asked for: on a slow disk nothing is sent after its end", async () => {
  const plain = await createRig();
  let settleMs = 0;
  const storage = changedStorage(plain.storage, (store) => {
    const settle = store.settle.bind(store);
    store.settle = async (request) => {
      await plain.clock.sleep(settleMs);
      return await settle(request);
    };
  });
  const { storage: memory, clock: virtual } = plain;
  const rig = await createRig({
    memory,
    virtual,
    storage,
    leaseMs: 3_000,
    sendTimeoutMs: 1_000,
  });
  const running = rig.relay.run();
  rig.publish("x");
  await virtual.advance(10_000);
  settleMs = 3_500;
  rig.publish("x");
  await virtual.advance(20_000);
  expect(rig.seen()).toEqual(["x:1"]);
  settleMs = 100;
  await virtual.advance(10_000);
  expect(rig.seen()).toEqual(["x:1", "x:2"]);
  await stop(rig, running);
});

test("a clean stop hands over at once", async () => {
  const { a, b } = await pair();
  const first = a.relay.run();
  a.publish("x");
  await a.clock.advance(500);
  const second = b.relay.run();
  await a.clock.advance(500);
  await stop(a, first);
  a.publish("x");
  await a.clock.advance(20);
  expect(a.seen()).toEqual(["x:1", "x:2"]);
  expect(b.relay.status().counters.delivered).toBe(1);
  await stop(b, second);
});

test("a quiet spell does not make the relays take turns", async () => {
  const { a, b } = await pair();
  const runs = [a.relay.run(), b.relay.run()];
  for (let i = 0; i < 20; i++) {
    a.publish("x");
    await a.clock.advance(60_000);
  }
  expect(a.seen()).toHaveLength(20);
  const acquired = [...a.of("lease.acquired"), ...b.of("lease.acquired")];
  expect(acquired).toHaveLength(1);
  await stop(a, runs[0]);
  await stop(b, runs[1]);
});

test("a standby takes over from a holder that died during a quiet spell", async () => {
  const { a, b } = await pair();
  const frozen = freezable(a);
  const first = createRelay({
    storage: a.storage,
    transport: frozen.transport,
    clock: frozen.clock,
    leaseMs: 3_000,
    sendTimeoutMs: 1_000,
    random: createSeededRandom(3),
  });
  void first.run();
  a.publish("x");
  await a.clock.advance(100);
  const running = b.relay.run();
  await a.clock.advance(60_000);
  frozen.freeze();
  await a.clock.advance(60_000);
  a.publish("x");
  await a.clock.advance(4_000);
  expect(a.seen()).toEqual(["x:1", "x:2"]);
  await stop(b, running);
});

test("a drain that crashed with the lease does not stop later drains for ever", async () => {
  const rig = await createRig({ leaseMs: 5_000, sendTimeoutMs: 1_000 });
  rig.publish("x");
  const store = await rig.storage.open();
  const { epoch, beat } = (await store.survey()).lease;
  await store.acquire({
    owner: "crashed",
    leaseMs: 5_000,
    nowMs: rig.clock.nowMs(),
    expect: { epoch, beat },
  });
  const early = rig.relay.drain({ budgetMs: 1_000 });
  await rig.clock.advance(2_000);
  expect(await early).toEqual({ reason: "standby", delivered: 0 });
  await rig.clock.advance(60_000);
  const late = rig.relay.drain({ budgetMs: 1_000 });
  await rig.clock.advance(2_000);
  expect(await late).toEqual({ reason: "empty", delivered: 1 });
  await store.close();
});

/** A clock and a transport that can be stopped, as SIGSTOP stops a process. */
function freezable(rig: Rig, identity?: string) {
  let frozen = false;
  const thawed: (() => void)[] = [];
  const gate = () =>
    frozen
      ? new Promise<void>((resolve) => thawed.push(resolve))
      : Promise.resolve();
  const { clock } = rig;
  return {
    transport: createPassing(rig, gate, identity),
    clock: {
      nowMs: () => clock.nowMs(),
      monotonicMs: () => clock.monotonicMs(),
      turn: () => clock.turn().then(gate),
      sleep: (ms: number, signal?: AbortSignal) =>
        clock.sleep(ms, signal).then(gate),
    },
    freeze: () => {
      frozen = true;
    },
    thaw: () => {
      frozen = false;
      for (const resolve of thawed.splice(0)) resolve();
    },
  };
}

/** The rig's broker, whose answers do not reach a frozen process. */
function createPassing(
  rig: Rig,
  gate: () => Promise<void>,
  identity?: string,
): Transport {
  return {
    name: "passing",
    connect: async (request) => {
      const connection = await rig.broker.connect({
        ...request,
        identity: identity ?? request.identity,
      });
      return {
        window: connection.window,
        closed: connection.closed.then(async (failure) => {
          await gate();
          return failure;
        }),
        send: async (message) => {
          const outcome = await connection.send(message);
          await gate();
          return outcome;
        },
        close: () => connection.close(),
      };
    },
  };
}
