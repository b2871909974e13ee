import {
  createRelay,
  InputError,
  MailboatError,
  type RelayOptions,
} from "@mailboat/outbox";
import {
  createFaultyStorage,
  createMemoryStorage,
} from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import {
  changedStorage,
  createRig,
  disorder,
  stop,
} from "../support/relay_rig.ts";

test("stop lets sends finish and records them", async () => {
  const rig = await createRig({ broker: { acknowledgeMs: 200, window: 4 } });
  rig.publish(...Array.from({ length: 10 }, (_, i) => `k${i}`));
  const running = rig.relay.run();
  await rig.clock.advance(50);
  const stopping = rig.relay.stop({ graceMs: 1_000 });
  expect(rig.relay.status().state).toBe("stopping");
  await rig.clock.advance(300);
  await Promise.all([stopping, running]);
  expect(rig.seen()).toHaveLength(4);
  expect(rig.storage.snapshot().messages).toHaveLength(6);
  expect(rig.relay.status().state).toBe("stopped");
  expect(rig.clock.pending).toBe(0);
});

test("what is not acknowledged within the grace is released with no attempt spent", async () => {
  const rig = await createRig();
  rig.broker.hang();
  rig.publish("a", "b");
  const running = rig.relay.run();
  await rig.clock.advance(50);
  const stopping = rig.relay.stop({ graceMs: 500 });
  await rig.clock.advance(600);
  await Promise.all([stopping, running]);
  const { messages, failures } = rig.storage.snapshot();
  expect(messages).toHaveLength(2);
  expect(failures).toEqual([]);
  const store = await rig.storage.open();
  expect((await store.survey()).lease.owner).toBeNull();
  await store.close();
  expect(rig.clock.pending).toBe(0);
});

test("nothing is sent after stop, not even by a pass that is under way", async () => {
  const plain = await createRig();
  let readMs = 0;
  const storage = changedStorage(plain.storage, (store) => {
    const read = store.read.bind(store);
    store.read = async (request) => {
      await plain.clock.sleep(readMs);
      return await read(request);
    };
  });
  const { storage: memory, clock: virtual } = plain;
  const rig = await createRig({ memory, virtual, storage });
  rig.publish("a");
  const running = rig.relay.run();
  await virtual.advance(1_000);
  readMs = 100;
  rig.publish("a");
  rig.relay.wake();
  await virtual.advance(50);
  await stop(rig, running);
  expect(rig.seen()).toEqual(["a:1"]);
  expect(memory.snapshot().messages).toHaveLength(1);
});

test("a second stop with less grace ends it sooner; stop is idempotent", async () => {
  const rig = await createRig();
  rig.broker.hang();
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(50);
  const first = rig.relay.stop({ graceMs: 60_000 });
  await rig.clock.advance(1_000);
  const second = rig.relay.stop({ graceMs: 0 });
  await rig.clock.advance(1);
  await Promise.all([first, second, running]);
  await rig.relay.stop();
  expect(rig.clock.pending).toBe(0);
});

test("an aborted signal stops the run, before or during it", async () => {
  const rig = await createRig();
  const controller = new AbortController();
  const running = rig.relay.run({ signal: controller.signal });
  rig.publish("a");
  await rig.clock.advance(100);
  controller.abort();
  await rig.clock.advance(10);
  await running;
  await rig.relay.run({ signal: controller.signal });
  expect(rig.of("stopped")).toHaveLength(2);
});

test("a relay runs once at a time, and can run again", async () => {
  const rig = await createRig();
  const running = rig.relay.run();
  await expect(rig.relay.run()).rejects.toThrow(MailboatError);
  await expect(rig.relay.drain()).rejects.toMatchObject({
    code: "RELAY_RUNNING",
  });
  await stop(rig, running);
  rig.publish("a");
  const again = rig.relay.run();
  await rig.clock.advance(100);
  expect(rig.seen()).toEqual(["a:1"]);
  await stop(rig, again);
});

test("disposal is a stop", async () => {
  const rig = await createRig();
  let running: Promise<void>;
  {
    await using relay = rig.relay;
    running = relay.run();
    await rig.clock.advance(10);
  }
  await running;
  expect(rig.clock.pending).toBe(0);
});

test("stop during connect, during an outage and while the database is busy keeps its limit", async () => {
  for (const trouble of ["connect", "down", "busy"] as const) {
    let broken = false;
    const plain = createMemoryStorage();
    const storage = createFaultyStorage(plain, () => broken ? "busy" : "ok");
    const rig = await createRig({ memory: plain, storage });
    if (trouble === "connect") rig.broker.hang("connect");
    if (trouble === "down") rig.broker.down();
    rig.publish("a");
    const running = rig.relay.run();
    await rig.clock.advance(1_000);
    broken = trouble === "busy";
    const stopping = rig.relay.stop({ graceMs: 2_000 });
    await rig.clock.advance(2_100);
    await Promise.all([stopping, running]);
    expect(rig.clock.pending).toBe(0);
  }
});

test("drain works until nothing is due and leaves no timer behind", async () => {
  const rig = await createRig({ broker: { acknowledgeMs: 10 } });
  for (let i = 0; i < 50; i++) rig.publish("a", "b");
  const drain = rig.relay.drain({ budgetMs: 60_000 });
  await rig.clock.advance(30_000);
  expect(await drain).toEqual({ reason: "empty", delivered: 100 });
  expect(disorder(rig.seen())).toEqual([]);
  expect(rig.clock.pending).toBe(0);
});

test("drain does not take an acknowledgement that just arrived for the end", async () => {
  const rig = await createRig();
  const transport = {
    name: "turn by turn",
    connect: async () => {
      const connection = await rig.broker.connect({
        identity: "outbox",
        signal: new AbortController().signal,
      });
      return {
        window: connection.window,
        closed: connection.closed,
        close: () => connection.close(),
        send: (message: Parameters<typeof connection.send>[0]) =>
          connection.send(message).then(async (outcome) => {
            await rig.clock.turn();
            return outcome;
          }),
      };
    },
  };
  const { storage: memory, clock: virtual } = rig;
  const { relay } = await createRig({
    memory,
    virtual,
    transport,
    laneDepth: 2,
  });
  rig.publish(...Array.from({ length: 50 }, () => "a"));
  const drain = relay.drain({ budgetMs: 60_000 });
  await rig.clock.advance(50_000);
  expect(await drain).toEqual({ reason: "empty", delivered: 50 });
});

test("drain of an empty outbox returns at once and takes no lease", async () => {
  const rig = await createRig();
  const drain = rig.relay.drain();
  await rig.clock.idle();
  expect(await drain).toEqual({ reason: "empty", delivered: 0 });
  expect(rig.of("lease.acquired")).toEqual([]);
});

test("drain keeps its budget and duplicates nothing at its end", async () => {
  const rig = await createRig({ broker: { acknowledgeMs: 30 } });
  rig.publish(...Array.from({ length: 1_000 }, () => "a"));
  for (let round = 0; round < 3; round++) {
    const startMs = rig.clock.monotonicMs();
    const drain = rig.relay.drain({ budgetMs: 1_000 });
    await rig.clock.advance(1_000);
    expect((await drain).reason).toBe("budget");
    expect(rig.clock.monotonicMs() - startMs).toBe(1_000);
  }
  expect(new Set(rig.seen()).size).toBe(rig.seen().length);
  expect(disorder(rig.seen())).toEqual([]);
});

test("drain gives up early when the broker cannot be reached", async () => {
  const rig = await createRig();
  rig.broker.down();
  rig.publish("a");
  const drain = rig.relay.drain({ budgetMs: 60_000 });
  await rig.clock.advance(60_000);
  expect(await drain).toEqual({ reason: "unavailable", delivered: 0 });
});

test("a database that needs a person makes run fail, with the reason", async () => {
  const storage = createMemoryStorage();
  const rig = await createRig();
  const relay = createRelay({
    storage,
    transport: rig.broker,
    clock: rig.clock,
  });
  await expect(relay.run()).rejects.toMatchObject({
    code: "STORAGE_NOT_MIGRATED",
  });
  expect(relay.status().state).toBe("stopped");
});

test("an observer that throws breaks nothing", async () => {
  const rig = await createRig({
    observe: () => {
      throw new Error("observer");
    },
  });
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(100);
  expect(rig.seen()).toEqual(["a:1"]);
  await stop(rig, running);
});

test("status shows the backlog, its age and what is under way", async () => {
  const rig = await createRig();
  rig.broker.hang();
  rig.publish("a", "a", "b");
  const running = rig.relay.run();
  await rig.clock.advance(1_100);
  expect(rig.relay.status()).toMatchObject({
    state: "working",
    epoch: 1,
    link: { kind: "connected" },
    inFlight: 2,
    oldest: { seq: 1 },
    backlogAtMost: 3,
    storeTrouble: null,
  });
  rig.broker.release();
  await rig.clock.advance(5_000);
  expect(rig.relay.status()).toMatchObject({
    state: "idle",
    oldest: null,
    backlogAtMost: 0,
    counters: { delivered: 3 },
  });
  await stop(rig, running);
});

test("delivered messages are kept as long and as many as asked for", async () => {
  const rig = await createRig({
    keepDeliveredMs: 60_000,
    keepDeliveredRows: 5,
  });
  const running = rig.relay.run();
  rig.publish("a", "a", "a", "a", "a", "a", "a", "a");
  await rig.clock.advance(30_000);
  expect(rig.storage.snapshot().archive).toHaveLength(5);
  await rig.clock.advance(120_000);
  expect(rig.storage.snapshot().archive).toHaveLength(0);
  await stop(rig, running);
});

test.each<[string, Partial<RelayOptions>]>([
  ["leaseMs", { leaseMs: 0 }],
  ["leaseMs", { leaseMs: Number.NaN }],
  ["sendTimeoutMs", { leaseMs: 1_000, sendTimeoutMs: 2_000 }],
  ["pollMs", { pollMs: -1 }],
  ["readBatch", { readBatch: 1.5 }],
  ["reconnectCapMs", { reconnectBaseMs: 100, reconnectCapMs: 10 }],
  ["settleDelayMs", { settleDelayMs: Infinity }],
  ["settleIdleMs", { settleIdleMs: -1 }],
  ["onDead", { onDead: "explode" as "hold" }],
  ["retry", { retry: 3 as unknown as () => { kind: "dead" } }],
  ["storage", { storage: {} as RelayOptions["storage"] }],
  ["transport", { transport: null as unknown as RelayOptions["transport"] }],
])("%s that makes no sense is refused at construction", async (field, bad) => {
  const rig = await createRig();
  const create = () =>
    createRelay({ storage: rig.storage, transport: rig.broker, ...bad });
  expect(create).toThrow(InputError);
  expect(create).toThrow(
    expect.objectContaining({ code: "INVALID_OPTION", field }),
  );
});
