import { createDeadLetters, exponentialRetry } from "@mailboat/outbox";
import { expect, test } from "vitest";
import {
  changedStorage,
  createRig,
  disorder,
  publish,
  refusing,
  stop,
} from "../support/relay_rig.ts";

test("while a head is in retry nothing of its key leaves, and the other keys flow", async () => {
  const rig = await createRig({
    broker: {
      answer: refusing((entry, n) => entry === "a:1" && n < 4 ? "retry" : null),
    },
    retry: () => ({ kind: "retry", afterMs: 1_000 }),
  });
  rig.publish("a", "b", "a", "b", "a", "b");
  const running = rig.relay.run();
  await rig.clock.advance(500);
  expect(rig.seen()).toEqual(["b:1", "b:2", "b:3"]);
  expect(rig.relay.status().waitingLanes).toBe(1);
  await rig.clock.advance(3_000);
  expect(rig.seen().slice(3)).toEqual(["a:1", "a:2", "a:3"]);
  expect(rig.storage.snapshot().failures).toEqual([]);
  expect(rig.of("message.retry").map(({ attempts }) => attempts)).toEqual([
    1,
    2,
    3,
  ]);
  await stop(rig, running);
});

test("a lane that waits costs the others nothing, however much is behind it", async () => {
  const plain = await createRig();
  let rows = 0;
  const storage = changedStorage(plain.storage, (store) => {
    const read = store.read.bind(store);
    store.read = async (request) => {
      const page = await read(request);
      rows += page.messages.length;
      return page;
    };
  });
  const { storage: memory, clock: virtual } = plain;
  const rig = await createRig({
    memory,
    virtual,
    storage,
    broker: { answer: refusing((entry) => entry === "a:1" ? "dead" : null) },
  });
  rig.publish(...Array.from({ length: 2_000 }, () => "a"));
  const running = rig.relay.run();
  await rig.clock.advance(10_000);
  rows = 0;
  for (let i = 0; i < 20; i++) {
    rig.publish("a", "b", "a");
    await rig.clock.advance(2_000);
  }
  expect(rig.seen()).toHaveLength(20);
  expect(rows).toBe(20);
  await stop(rig, running);
});

test("a dead head holds its lane until an operator retries it, and says so in status()", async () => {
  let mended = false;
  const rig = await createRig({
    broker: {
      answer: refusing((entry) => entry === "a:1" && !mended ? "dead" : null),
    },
  });
  rig.publish("a", "b", "a", "b");
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["b:1", "b:2"]);
  const { held } = rig.relay.status();
  expect(held.count).toBe(1);
  expect(held.heads).toMatchObject([{
    key: "a",
    state: "dead",
    attempts: 1,
    code: "TEST",
  }]);
  rig.publish("a");
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["b:1", "b:2"]);

  mended = true;
  const deadLetters = createDeadLetters({ storage: rig.storage });
  expect(await deadLetters.retry({ key: "a" })).toEqual({ changed: 1 });
  await rig.clock.advance(2_000);
  expect(rig.seen()).toEqual(["b:1", "b:2", "a:1", "a:2", "a:3"]);
  expect(rig.relay.status().held.count).toBe(0);
  expect(rig.storage.snapshot().messages).toEqual([]);
  await deadLetters.close();
  await stop(rig, running);
});

test("discarding a dead head lets its lane go on without it", async () => {
  const rig = await createRig({
    broker: { answer: refusing((entry) => entry === "a:1" ? "dead" : null) },
  });
  rig.publish("a", "a");
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  const deadLetters = createDeadLetters({ storage: rig.storage });
  const [letter] = await deadLetters.list();
  expect(letter?.message.id).toBe("a:1");
  await deadLetters.discard({ key: "a" });
  await rig.clock.advance(2_000);
  expect(rig.seen()).toEqual(["a:2"]);
  await deadLetters.close();
  await stop(rig, running);
});

test("with skip a dead message is set aside and its lane goes on", async () => {
  const rig = await createRig({
    onDead: "skip",
    broker: { answer: refusing((entry) => entry === "a:2" ? "dead" : null) },
  });
  rig.publish("a", "a", "a");
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  expect(rig.seen()).toEqual(["a:1", "a:3"]);
  expect(rig.storage.snapshot().failures).toMatchObject([{
    state: "dead",
    holds: false,
  }]);
  await stop(rig, running);
});

test("a skipped dead letter that is retried goes out once, in its old place of what is left", async () => {
  let mended = false;
  const rig = await createRig({
    onDead: "skip",
    broker: {
      answer: refusing((entry) => entry === "a:2" && !mended ? "dead" : null),
    },
  });
  rig.publish("a", "a", "a");
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  rig.broker.down();
  rig.publish("a");
  await rig.clock.advance(1_000);
  mended = true;
  const deadLetters = createDeadLetters({ storage: rig.storage });
  await deadLetters.retry({ id: "a:2" });
  await rig.clock.advance(2_000);
  rig.broker.up();
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["a:1", "a:3", "a:2", "a:4"]);
  await deadLetters.close();
  await stop(rig, running);
});

test("an event's own choice goes before the relay's", async () => {
  const rig = await createRig({
    broker: {
      answer: refusing((entry) => entry.endsWith(":1") ? "dead" : null),
    },
  });
  publish(rig.storage, ["a", "a"], { onDead: "skip" });
  rig.publish("b", "b");
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  expect(rig.seen()).toEqual(["a:2"]);
  expect(rig.relay.status().held.heads.map(({ key }) => key)).toEqual(["b"]);
  await stop(rig, running);
});

test("a message dies after the policy's last attempt, and its reason is bounded", async () => {
  const rig = await createRig({
    retry: exponentialRetry({ baseMs: 10, maxAttempts: 3 }),
    broker: {
      answer: () => ({
        kind: "retry",
        failure: { code: "X".repeat(500), reason: "y".repeat(5_000) },
      }),
    },
  });
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(5_000);
  const [record] = rig.storage.snapshot().failures;
  expect(record).toMatchObject({ state: "dead", attempts: 3 });
  expect(record?.code.length).toBe(64);
  expect(record?.reason.length).toBe(256);
  expect(rig.broker.refused).toHaveLength(3);
  await stop(rig, running);
});

test("a deferred message costs no attempt and keeps its lane in order", async () => {
  const rig = await createRig({
    retry: () => ({ kind: "dead" }),
    broker: {
      answer: refusing((entry, n) =>
        entry === "a:1" && n < 20 ? "deferred" : null
      ),
    },
  });
  rig.publish("a", "a", "b");
  const running = rig.relay.run();
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["b:1"]);
  await rig.clock.advance(60_000);
  expect(rig.seen()).toEqual(["b:1", "a:1", "a:2"]);
  expect(rig.of("message.dead")).toEqual([]);
  await stop(rig, running);
});

test("messages without a key have no lane: a dead one holds nobody", async () => {
  const rig = await createRig({
    broker: { answer: refusing((entry) => entry === "-:1" ? "dead" : null) },
  });
  rig.publish(null, null, null);
  const running = rig.relay.run();
  await rig.clock.advance(1_000);
  expect(rig.seen()).toEqual(["-:2", "-:3"]);
  expect(rig.of("message.dead")).toMatchObject([{ held: false }]);
  expect(rig.relay.status().held.count).toBe(0);
  expect(rig.relay.status().waitingLanes).toBe(0);
  await stop(rig, running);
});

test("retries, holds and attempts survive a restart of the relay", async () => {
  const answer = refusing((entry, n) =>
    entry === "dead:1" ? "dead" : entry === "slow:1" && n < 3 ? "retry" : null
  );
  const retry = () => ({ kind: "retry", afterMs: 10_000 }) as const;
  const first = await createRig({ broker: { answer }, retry });
  first.publish("dead", "slow", "dead", "slow", "ok");
  const running = first.relay.run();
  await first.clock.advance(1_000);
  await stop(first, running);
  const { storage: memory, clock: virtual } = first;
  const second = await createRig({
    memory,
    virtual,
    broker: { answer: refusing((entry) => entry === "dead:1" ? "dead" : null) },
    retry,
  });
  expect(memory.snapshot().failures.map(({ attempts }) => attempts)).toEqual([
    1,
    1,
  ]);
  const again = second.relay.run();
  await second.clock.advance(30_000);
  expect(second.seen()).toEqual(["slow:1", "slow:2"]);
  expect(disorder(second.seen())).toEqual([]);
  expect(second.relay.status().held.heads.map(({ key }) => key)).toEqual([
    "dead",
  ]);
  await stop(second, again);
});

test("a relay that finds nothing but a retry to come leaves the lease alone until it is due", async () => {
  const retry = () => ({ kind: "retry", afterMs: 60_000 }) as const;
  const answer = refusing(() => "retry");
  const first = await createRig({ broker: { answer }, retry });
  first.publish("a", "a");
  const running = first.relay.run();
  await first.clock.advance(1_000);
  await stop(first, running);
  const { storage: memory, clock: virtual } = first;
  const second = await createRig({ memory, virtual });
  const again = second.relay.run();
  await virtual.advance(35_000);
  expect(second.of("lease.acquired")).toEqual([]);
  await virtual.advance(10_000);
  expect(second.seen()).toEqual(["a:1", "a:2"]);
  await stop(second, again);
});

test("a retried dead letter ahead of another one that holds its lane goes out, and the lane stays held", async () => {
  const bad = new Set(["a:1", "a:3"]);
  const answer = refusing((entry) => bad.has(entry) ? "dead" : null);
  const rig = await createRig({ broker: { answer } });
  publish(rig.storage, ["a"], { onDead: "skip" });
  rig.publish("a", "a", "a");
  let running = rig.relay.run();
  await rig.clock.advance(1_000);
  expect(rig.seen()).toEqual(["a:2"]);
  bad.delete("a:1");
  const deadLetters = createDeadLetters({ storage: rig.storage });
  // Once while the relay runs, and once while it does not.
  await deadLetters.retry({ id: "a:1" });
  await rig.clock.advance(2_000);
  expect(rig.seen()).toEqual(["a:2", "a:1"]);
  expect(rig.relay.status().held.count).toBe(1);
  await stop(rig, running);
  bad.delete("a:3");
  await deadLetters.retry({ id: "a:3" });
  running = rig.relay.run();
  await rig.clock.advance(2_000);
  expect(rig.seen()).toEqual(["a:2", "a:1", "a:3", "a:4"]);
  await deadLetters.close();
  await stop(rig, running);
});

test("with more refused messages than it may track the relay takes in no new ones, and recovers", async () => {
  let broken = true;
  const rig = await createRig({
    maxSetAside: 10,
    retry: () => ({ kind: "retry", afterMs: 1_000 }),
    broker: { answer: refusing(() => broken ? "retry" : null) },
  });
  rig.publish(
    ...Array.from({ length: 500 }, (_, i) => `k${i}`),
    ...Array.from({ length: 500 }, (_, i) => `k${i}`),
  );
  const running = rig.relay.run();
  await rig.clock.advance(20_000);
  expect(rig.relay.status().waitingLanes).toBeLessThanOrEqual(600);
  broken = false;
  await rig.clock.advance(60_000);
  expect(rig.storage.snapshot().messages).toEqual([]);
  expect(disorder(rig.seen())).toEqual([]);
  await stop(rig, running);
});

test("a policy that throws loses nothing and does not spin", async () => {
  const rig = await createRig({
    retry: () => {
      throw new Error("no");
    },
    broker: { answer: refusing(() => "retry") },
  });
  rig.publish("a");
  const running = rig.relay.run();
  await rig.clock.advance(3_600_000);
  expect(rig.broker.refused).toHaveLength(1);
  expect(rig.storage.snapshot().failures).toMatchObject([{ state: "retry" }]);
  await stop(rig, running);
});
