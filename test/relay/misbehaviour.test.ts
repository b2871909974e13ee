import type { Connection, StorageBase, Transport } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { createRig, refusing, type Rig, stop } from "../support/relay_rig.ts";

test("a policy that returns nonsense delays its own message only", async () => {
  const rig = await createRig({
    retry: (() => undefined) as never,
    broker: { answer: refusing((entry) => entry === "a:1" ? "retry" : null) },
  });
  rig.publish("a", "b", "c");
  const running = rig.relay.run();
  await rig.clock.advance(10_000);
  expect(rig.storage.snapshot().messages.map(({ key }) => key)).toEqual(["a"]);
  expect(rig.of("store.failed")).toEqual([]);
  await stop(rig, running);
});

test("a transport whose connect ignores its signal is given up in time, and a late connection is closed", async () => {
  const rig = await createRig();
  let isDeaf = true;
  const late: Connection[] = [];
  const transport = through(rig, async (connect) => {
    const connection = await connect();
    if (!isDeaf) return connection;
    await rig.clock.sleep(60_000);
    late.push(connection);
    return connection;
  });
  const { storage: memory, clock: virtual } = rig;
  const second = await createRig({
    memory,
    virtual,
    transport,
    connectTimeoutMs: 2_000,
  });
  second.publish("a");
  const running = second.relay.run();
  await rig.clock.advance(5_000);
  expect(second.of("transport.unavailable").length).toBeGreaterThan(0);
  isDeaf = false;
  await rig.clock.advance(120_000);
  expect(rig.seen()).toEqual(["a:1"]);
  for (const connection of late) await connection.closed;
  await stop(second, running);
});

test.each<[string, () => Promise<void>]>([
  ["never ends", () => new Promise(() => {})],
  ["fails", () => Promise.reject(new Error("close"))],
])(
  "a connection whose close %s keeps nobody from stopping or reconnecting",
  async (_, close) => {
    const rig = await createRig();
    const transport = through(rig, async (connect) => {
      const connection = await connect();
      return { ...parts(connection), close };
    });
    const { storage: memory, clock: virtual } = rig;
    const second = await createRig({
      memory,
      virtual,
      transport,
      sendTimeoutMs: 1_000,
      leaseMs: 2_000,
    });
    rig.broker.hang();
    second.publish("a");
    const running = second.relay.run();
    await rig.clock.advance(5_000);
    rig.broker.release();
    await rig.clock.advance(30_000);
    expect(new Set(rig.seen())).toEqual(new Set(["a:1"]));
    await stop(second, running);
    expect(second.relay.status().state).toBe("stopped");
    const store = await memory.open();
    expect((await store.survey()).lease.owner).toBeNull();
  },
);

test("a window that makes no sense counts as one", async () => {
  const rig = await createRig();
  const transport = through(rig, async (connect) => ({
    ...parts(await connect()),
    window: Number.NaN,
  }));
  const { storage: memory, clock: virtual } = rig;
  const second = await createRig({ memory, virtual, transport });
  second.publish("a", "b", "c");
  const running = second.relay.run();
  await rig.clock.advance(5_000);
  expect(rig.seen()).toHaveLength(3);
  await stop(second, running);
});

test("a storage whose hint cannot be set up fails the run and leaves the relay usable", async () => {
  const plain = await createRig();
  let isBroken = true;
  const storage: StorageBase = {
    migrate: () => plain.storage.migrate(),
    open: () => plain.storage.open(),
    watch: (onChange) => {
      if (isBroken) throw new Error("no inotify");
      return plain.storage.watch?.(onChange) ?? (() => {});
    },
  };
  const { storage: memory, clock: virtual } = plain;
  const rig = await createRig({ memory, virtual, storage });
  const failing = rig.relay.run();
  await Promise.all([
    expect(failing).rejects.toThrow("no inotify"),
    rig.clock.advance(100),
  ]);
  isBroken = false;
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(100);
  expect(rig.seen()).toEqual(["a:1"]);
  await stop(rig, running);
});

test("an asynchronous observer that fails is contained too", async () => {
  const rig = await createRig({
    observe: (() => Promise.reject(new Error("observer"))) as () => void,
  });
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(100);
  expect(rig.seen()).toEqual(["a:1"]);
  await stop(rig, running);
});

test("two relays do not take turns through an outage", async () => {
  const a = await createRig();
  const { storage: memory, clock: virtual, broker: transport } = a;
  const b = await createRig({ memory, virtual, transport, seed: 2 });
  a.broker.down();
  a.publish("x");
  const runs = [a.relay.run(), b.relay.run()];
  await a.clock.advance(6 * 3_600_000);
  const acquired = [...a.of("lease.acquired"), ...b.of("lease.acquired")];
  expect(acquired.length).toBeLessThan(60);
  a.broker.up();
  await a.clock.advance(60_000);
  expect(a.seen()).toEqual(["x:1"]);
  await stop(a, runs[0]);
  await stop(b, runs[1]);
});

test("a deferred message waits its time, whoever holds the lease", async () => {
  const answer = () =>
    ({
      kind: "deferred",
      failure: { code: "QUOTA", reason: "later" },
      afterMs: 600_000,
    }) as const;
  const a = await createRig({ broker: { answer } });
  const { storage: memory, clock: virtual, broker: transport } = a;
  const b = await createRig({ memory, virtual, transport, seed: 2 });
  a.publish("x");
  const runs = [a.relay.run(), b.relay.run()];
  await a.clock.advance(3_600_000);
  expect(a.broker.refused.length).toBeLessThanOrEqual(8);
  expect(memory.snapshot().failures).toMatchObject([{ attempts: 0 }]);
  await stop(a, runs[0]);
  await stop(b, runs[1]);
});

test("a connection that leaves one message in doubt is ended before anything else is sent", async () => {
  const rig = await createRig();
  const used: Connection[] = [];
  const transport = through(rig, async (connect) => {
    const connection = await connect();
    const send: Connection["send"] = async (message) => {
      used.push(connection);
      const outcome = await connection.send(message);
      return used.length === 1 ? { kind: "unknown" } : outcome;
    };
    return { ...parts(connection), window: 1, send };
  });
  const { storage: memory, clock: virtual } = rig;
  const second = await createRig({ memory, virtual, transport });
  second.publish("a", "b");
  const running = second.relay.run();
  await rig.clock.advance(10_000);
  expect(rig.seen()).toEqual(["a:1", "b:1", "a:1"]);
  expect(used[1]).not.toBe(used[0]);
  expect(second.of("transport.lost")).toMatchObject([
    { failure: { code: "NO_OUTCOME" } },
  ]);
  expect(second.of("message.retry")).toEqual([]);
  await stop(second, running);
});

test("sends that never end are over with their connection, and cost no attempt", async () => {
  const rig = await createRig();
  let isFirst = true;
  const transport = through(rig, async (connect) => {
    const connection = await connect();
    if (!isFirst) return connection;
    isFirst = false;
    return { ...parts(connection), send: () => new Promise(() => {}) };
  });
  const { storage: memory, clock: virtual } = rig;
  const second = await createRig({ memory, virtual, transport });
  second.publish("a", "b", "a");
  const running = second.relay.run();
  await rig.clock.advance(1_000);
  rig.broker.cut();
  await rig.clock.advance(5_000);
  expect(rig.seen().sort()).toEqual(["a:1", "a:2", "b:1"]);
  expect(second.of("transport.lost")).toMatchObject([{ inFlight: 2 }]);
  expect(second.of("message.retry")).toEqual([]);
  expect(memory.snapshot().messages).toEqual([]);
  await stop(second, running);
});

/** The rig's broker behind a transport that bends the contract. */
function through(
  rig: Rig,
  bend: (connect: () => Promise<Connection>) => Promise<Connection>,
): Transport {
  return {
    name: "bent",
    connect: (request) => bend(() => rig.broker.connect(request)),
  };
}

function parts(connection: Connection): Connection {
  return {
    window: connection.window,
    closed: connection.closed,
    send: (message) => connection.send(message),
    close: () => connection.close(),
  };
}
