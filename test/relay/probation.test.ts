import { createRelay, type Relay, type RelayEvent } from "@mailboat/outbox";
import { createSeededRandom } from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import { StoppableProcess } from "../../src/testing/conformance/stoppable_process.ts";
import { createRig, disorder, type Rig } from "../support/relay_rig.ts";

const LEASE_MS = 3_000;
/** Deaths before a relay is careful, where no relay has worked well before. */
const BEFORE_PROBATION = 1;
const MAX_DEATHS = 5;

/** A process that starts a relay, and dies of some messages. */
class Boot {
  readonly process: StoppableProcess;
  readonly relay: Relay;
  readonly events: RelayEvent[] = [];
  readonly #rig: Rig;

  constructor(
    rig: Rig,
    seed: number,
    kills: (id: string) => boolean = () => false,
    leaseMs = LEASE_MS,
  ) {
    this.#rig = rig;
    const { storage, broker, clock } = rig;
    this.process = new StoppableProcess({
      storage,
      clock,
      transport: {
        name: "deadly",
        connect: async (request) => {
          const connection = await broker.connect(request);
          return {
            window: connection.window,
            closed: connection.closed,
            close: () => connection.close(),
            send: (message) => {
              if (kills(message.id)) this.process.stop();
              if (this.process.stopped) return new Promise(() => {});
              return connection.send(message);
            },
          };
        },
      },
    });
    this.relay = createRelay({
      storage: this.process.storage,
      transport: this.process.transport,
      clock: this.process.clock,
      random: createSeededRandom(seed),
      leaseMs,
      sendTimeoutMs: leaseMs,
      observe: (event) => {
        if (!this.process.stopped) this.events.push(event);
      },
    });
    void this.relay.run();
  }

  /** Lives until it dies or `ms` are over. */
  async live(ms: number): Promise<void> {
    const endsAtMs = this.#rig.clock.monotonicMs() + ms;
    while (!this.process.stopped && this.#rig.clock.monotonicMs() < endsAtMs) {
      await this.#rig.clock.advance(50);
    }
  }

  /** SIGKILL; the kernel closes its connection. */
  kill(): void {
    this.process.stop();
    this.#rig.broker.cut();
  }
}

test("a message that kills the relay is set aside after the documented number of boots; its neighbours are delivered", async () => {
  const rig = await createRig();
  rig.publish("a", "b", "poison", "c", "a", "poison", "d");
  let deaths = 0;
  for (let boots = 1; boots < 20; boots++) {
    const boot = new Boot(rig, boots, (id) => id === "poison:1");
    await boot.live(2 * LEASE_MS);
    if (!boot.process.stopped) {
      expect(boot.relay.status().held.heads).toMatchObject([
        { code: "RELAY_DIED", deaths: MAX_DEATHS, attempts: 0 },
      ]);
      break;
    }
    deaths += 1;
    boot.kill();
  }
  expect(deaths).toBe(BEFORE_PROBATION + MAX_DEATHS);
  expect([...new Set(rig.seen())].sort())
    .toEqual(["a:1", "a:2", "b:1", "c:1", "d:1"]);
  expect(disorder(rig.seen())).toEqual([]);
});

test("poison on several keys is found one after the other", async () => {
  const rig = await createRig();
  rig.publish("p", "a", "q", "b", "r", "c", "a", "b");
  const poison = (id: string) => /^[pqr]:/.test(id);
  for (let boots = 1; boots < 60; boots++) {
    const boot = new Boot(rig, boots, poison);
    await boot.live(2 * LEASE_MS);
    if (!boot.process.stopped) break;
    boot.kill();
  }
  const { messages, failures } = rig.storage.snapshot();
  expect(messages.map(({ id }) => id)).toEqual(["p:1", "q:1", "r:1"]);
  expect(failures.map(({ state }) => state)).toEqual(["dead", "dead", "dead"]);
});

test("poison that was refused before is found among much that is new", async () => {
  let refuses = true;
  const rig = await createRig({
    broker: {
      window: 64,
      connectMs: 5,
      acknowledgeMs: 20,
      answer: ({ id }) =>
        refuses && id === "poison:1"
          ? { kind: "retry", failure: { code: "NO", reason: "Not yet" } }
          : { kind: "delivered" },
    },
  });
  rig.publish("poison");
  const first = new Boot(rig, 100);
  await first.live(500);
  refuses = false;
  first.kill();
  let deaths = 0;
  for (let boots = 1; boots < 20; boots++) {
    for (let i = 0; i < 200; i++) rig.publish(`new-${boots}-${i}`);
    const boot = new Boot(rig, boots, (id) => id === "poison:1");
    await boot.live(4 * LEASE_MS);
    if (!boot.process.stopped) break;
    deaths += 1;
    boot.kill();
  }
  expect(deaths).toBeLessThanOrEqual(2 + MAX_DEATHS);
  expect(rig.storage.snapshot().messages.map(({ id }) => id))
    .toEqual(["poison:1"]);
});

test("ten power cuts in a row, each while the same message is on its way, condemn nobody", async () => {
  const rig = await createRig({ broker: { acknowledgeMs: 200 } });
  rig.publish("a", "a");
  for (let boots = 1; boots <= 10; boots++) {
    const boot = new Boot(rig, boots);
    const sent = rig.broker.received.length;
    await rig.clock.runUntil(() => rig.broker.received.length > sent);
    boot.kill();
    rig.storage.reboot();
  }
  const { failures, messages } = rig.storage.snapshot();
  expect(messages).toHaveLength(2);
  expect(failures).toMatchObject([{ state: "retry", deaths: 0, attempts: 0 }]);
  await new Boot(rig, 11).live(2 * LEASE_MS);
  expect(rig.storage.snapshot()).toMatchObject({ messages: [], failures: [] });
});

test("whoever outlives a message for a while is not blamed for it later", async () => {
  const rig = await createRig();
  rig.publish("a");
  rig.broker.hang("acknowledgement");
  for (let boots = 1; boots <= 10; boots++) {
    // So long that no renewal comes first, which would show the same.
    const boot = new Boot(rig, boots, () => false, 20 * LEASE_MS);
    const sent = rig.broker.received.length;
    await rig.clock.runUntil(() => rig.broker.received.length > sent);
    await rig.clock.advance(1_500);
    boot.kill();
  }
  expect(rig.storage.snapshot().failures).toMatchObject([
    { state: "retry", deaths: 0, trial: null },
  ]);
});

test("a connection that is lost during a trial is not a death", async () => {
  const rig = await createRig({ broker: { acknowledgeMs: 200 } });
  rig.publish("a");
  for (let boots = 1; boots <= 10; boots++) {
    const boot = new Boot(rig, boots);
    const sent = rig.broker.received.length;
    await rig.clock.runUntil(() => rig.broker.received.length > sent);
    rig.broker.cut();
    rig.broker.down();
    await rig.clock.advance(50);
    boot.kill();
    rig.broker.up();
  }
  expect(rig.storage.snapshot().failures).toMatchObject([
    { state: "retry", deaths: 0, trial: null },
  ]);
});

test("the first success refunds every death", async () => {
  const rig = await createRig();
  rig.publish("a", "a");
  let lethal = BEFORE_PROBATION + MAX_DEATHS - 1;
  for (let boots = 1; boots < 20; boots++) {
    const boot = new Boot(rig, boots, () => lethal-- > 0);
    await boot.live(2 * LEASE_MS);
    if (!boot.process.stopped) break;
    boot.kill();
  }
  expect(rig.seen()).toEqual(["a:1", "a:2"]);
  expect(rig.storage.snapshot()).toMatchObject({ messages: [], failures: [] });
});

test("a relay that takes over from one that worked well is not careful, nor is one after a stop", async () => {
  const rig = await createRig();
  const trials: number[] = [];
  for (let boots = 1; boots <= 6; boots++) {
    const boot = new Boot(rig, boots);
    rig.publish("a", "b");
    await boot.live(3 * LEASE_MS);
    trials.push(
      ...boot.events.flatMap((event) =>
        event.type === "lease.acquired" ? event.trials : []
      ),
    );
    if (boots % 2 === 0) boot.kill();
    else {
      const stopped = boot.relay.stop();
      await rig.clock.advance(100);
      await stopped;
    }
  }
  expect(trials).toEqual([0, 0, 0, 0, 0, 0]);
  expect(rig.seen()).toHaveLength(12);
});

test("after probation the relay sends a window at a time again", async () => {
  const rig = await createRig({ broker: { acknowledgeMs: 10 } });
  for (let boots = 1; boots <= BEFORE_PROBATION; boots++) {
    rig.publish("a");
    const boot = new Boot(rig, boots, () => true);
    await boot.live(2 * LEASE_MS);
    boot.kill();
  }
  for (let i = 0; i < 200; i++) rig.publish(`k${i}`);
  const boot = new Boot(rig, 9);
  const most = { careful: 0, later: 0 };
  const acquired = () =>
    boot.events.find((event) => event.type === "lease.acquired");
  for (let ms = 0; ms < 10_000; ms++) {
    await rig.clock.advance(1);
    const phase = rig.seen().length < 64 ? "careful" : "later";
    most[phase] = Math.max(most[phase], rig.broker.inFlight);
  }
  expect(acquired()).toMatchObject({ trials: 64 });
  expect(most.careful).toBe(1);
  expect(most.later).toBeGreaterThan(8);
  expect(rig.storage.snapshot().messages).toEqual([]);
});

test("a suspect goes alone also where no other message does", async () => {
  const answerMs = 500;
  const rig = await createRig({ broker: { acknowledgeMs: answerMs } });
  rig.publish("b", "c", "suspect", "d");
  const store = await rig.storage.open();
  const lease = await store.acquire({
    owner: "an earlier relay",
    leaseMs: LEASE_MS,
    nowMs: 0,
    expect: { epoch: 0, beat: 0 },
  });
  const record = {
    seq: 3,
    key: "suspect",
    state: "retry",
    holds: true,
    attempts: 0,
    deaths: 1,
    trial: null,
    firstFailedAtMs: 0,
    failedAtMs: 0,
    delayMs: 0,
    code: "ON_TRIAL",
    reason: "",
  } as const;
  await store.settle({
    lease: lease!,
    delivered: [],
    expired: [],
    recovered: [],
    failed: [record],
    archive: false,
    keepExpired: 1_000,
    then: "release",
    proven: true,
    nowMs: 0,
  });
  const boot = new Boot(rig, 1);
  await rig.clock.runUntil(() => rig.seen().includes("suspect:1"));
  rig.publish("e");
  await boot.live(5_000);
  const atMs = new Map(
    rig.broker.received.map(({ message, atMs }) => [message.id, atMs]),
  );
  const suspectAtMs = atMs.get("suspect:1") ?? NaN;
  for (const other of ["b:1", "c:1", "d:1", "e:1"]) {
    const apartMs = Math.abs((atMs.get(other) ?? NaN) - suspectAtMs);
    expect(apartMs, other).toBeGreaterThanOrEqual(answerMs);
  }
  await store.close();
  boot.kill();
});
