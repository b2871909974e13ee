/**
 * Settling: outcomes are recorded by the holder of the lease, whole or not at
 * all, and no sequence is used twice.
 */

import type {
  FailureRecord,
  Lease,
  SettleRequest,
  Store,
} from "@mailboat/outbox";
import { expect, test } from "vitest";
import {
  adapters,
  createRig,
  everything,
  message,
  messages,
  readIds,
  type Rig,
} from "./rig.ts";

async function acquire(store: Store, owner = "one"): Promise<Lease> {
  const { lease: { epoch, beat } } = await store.survey();
  const lease = await store
    .acquire({ owner, leaseMs: 5_000, nowMs: 100, expect: { epoch, beat } });
  expect(lease).not.toBeNull();
  return lease!;
}

const settle = (
  store: Store,
  lease: Lease,
  given: Partial<SettleRequest> = {},
) =>
  store.settle({
    lease,
    delivered: [],
    expired: [],
    recovered: [],
    failed: [],
    archive: false,
    keepExpired: 1_000,
    then: "keep",
    proven: false,
    nowMs: 200,
    ...given,
  });

const failure = (given: Partial<FailureRecord>): FailureRecord => ({
  seq: 1,
  key: "m-1",
  state: "retry",
  holds: true,
  attempts: 1,
  deaths: 0,
  trial: null,
  firstFailedAtMs: 1,
  failedAtMs: 2,
  delayMs: 3,
  code: "0x97",
  reason: "Quota exceeded",
  ...given,
});

const recorded = { inForce: true, lost: [] };
const rowsOf = (rig: Rig) =>
  rig.column("SELECT count(*) FROM mailboat_message");

test("delivered messages are gone, the others stay", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b", "c", "d"));
  const lease = await acquire(store);
  expect(await settle(store, lease, { delivered: [1, 3] })).toEqual(recorded);
  expect(await readIds(store)).toEqual(["b", "d"]);
  expect((await store.survey()).oldest?.seq).toBe(2);
  expect(await rowsOf(rig)).toEqual([2]);
});

test("recording the same again changes nothing", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b", "c"));
  const lease = await acquire(store);
  for (let round = 0; round < 3; round++) {
    const request = { delivered: [1, 3], archive: true, nowMs: round };
    expect(await settle(store, lease, request)).toEqual(recorded);
    expect(await readIds(store)).toEqual(["b"]);
  }
  expect(await rig.column("SELECT seq FROM mailboat_archive")).toEqual([1, 3]);
});

test("what is nearly always recorded is the holder's as well, and can be repeated", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b", "c"));
  // Both are older than the newest that it has met.
  await readIds(store);
  const stale = await acquire(store, "old");
  const fresh = await acquire(store, "young");
  expect(await settle(store, stale, { delivered: [1, 2] }))
    .toEqual({ inForce: false, lost: [1, 2] });
  expect(await readIds(store)).toEqual(["a", "b", "c"]);
  for (const delivered of [[1], [1, 2], [1, 2]]) {
    expect(await settle(store, fresh, { delivered })).toEqual(recorded);
  }
  expect(await readIds(store)).toEqual(["c"]);
});

test("failures are recorded beside the message, and replaced", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b"));
  const lease = await acquire(store);
  await settle(store, lease, { failed: [failure({}), failure({ seq: 2 })] });
  const second = failure({ attempts: 2, failedAtMs: 9, code: "0x87" });
  await settle(store, lease, { failed: [second] });
  expect(await store.failures({ after: 0, limit: 9 }))
    .toEqual([second, failure({ seq: 2 })]);
  await settle(store, lease, { delivered: [1], recovered: [1] });
  expect(await store.failures({ after: 0, limit: 9 }))
    .toEqual([failure({ seq: 2 })]);
});

test("a failure of a message that is gone is not recorded", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b"));
  const lease = await acquire(store);
  await settle(store, lease, { delivered: [1, 2] });
  const failed = [1, 2, 3].map((seq) => failure({ seq }));
  expect(await settle(store, lease, { failed })).toEqual(recorded);
  expect(await store.failures({ after: 0, limit: 9 })).toEqual([]);
});

test("a lease is taken once by those who expect the same", async () => {
  const rig = await createRig();
  const stores = await Promise.all([rig.open(), rig.open(), rig.open()]);
  for (let round = 1; round <= 10; round++) {
    const { lease: { epoch, beat } } = await stores[0]!.survey();
    const leases = await Promise.all(
      stores.map((store, at) =>
        store.acquire({
          owner: `${round}.${at}`,
          leaseMs: 9,
          nowMs: round,
          expect: { epoch, beat },
        })
      ),
    );
    const won = leases.filter((lease) => lease !== null);
    expect(won).toHaveLength(1);
    expect((await stores[1]!.survey()).lease).toEqual({
      ...won[0],
      epoch: round,
      beat: round,
      leaseMs: 9,
      renewedAtMs: round,
      unproven: round,
    });
  }
});

test("the epoch rises with the owner, the beat with every acquisition", async () => {
  const store = await (await createRig()).open();
  expect(await acquire(store, "one")).toEqual({ epoch: 1, owner: "one" });
  expect(await acquire(store, "one")).toEqual({ epoch: 1, owner: "one" });
  expect((await store.survey()).lease.beat).toBe(2);
  expect(await acquire(store, "two")).toEqual({ epoch: 2, owner: "two" });
  const lease = await acquire(store, "two");
  await settle(store, lease, { then: "release" });
  expect(await acquire(store, "two")).toEqual({ epoch: 3, owner: "two" });
});

test("an expectation that is out of date takes nothing", async () => {
  const store = await (await createRig()).open();
  await acquire(store);
  const before = await store.survey();
  for (const expect_ of [{ epoch: 1, beat: 0 }, { epoch: 0, beat: 1 }]) {
    const request = { owner: "two", leaseMs: 1, nowMs: 1, expect: expect_ };
    expect(await store.acquire(request)).toBeNull();
  }
  expect(await store.survey()).toEqual(before);
});

test("keeping, renewing and releasing do what they say to the lease", async () => {
  const store = await (await createRig()).open();
  const lease = await acquire(store);
  const shown = {
    epoch: 1,
    owner: "one",
    beat: 1,
    leaseMs: 5_000,
    renewedAtMs: 100,
    unproven: 1,
  };
  await settle(store, lease);
  expect((await store.survey()).lease).toEqual(shown);
  expect(await settle(store, lease, { then: "renew" })).toEqual(recorded);
  const renewed = { ...shown, beat: 2, renewedAtMs: 200 };
  expect((await store.survey()).lease).toEqual(renewed);
  await settle(store, lease, { then: "release" });
  expect((await store.survey()).lease).toEqual({
    ...renewed,
    owner: null,
    unproven: 0,
  });
});

test.each(["keep", "renew", "release"] as const)(
  "a lease that was lost records nothing, and names all as lost (%s)",
  async (then) => {
    const rig = await createRig();
    const [old, young] = [await rig.open(), await rig.open()];
    await rig.commit(...messages("a", "b", "c"));
    const stale = await acquire(old, "old");
    await settle(old, stale, { failed: [failure({ seq: 2 })] });
    const fresh = await acquire(young, "young");
    const dump = () =>
      rig.client.batch([
        "SELECT * FROM mailboat_message",
        "SELECT * FROM mailboat_failure",
        "SELECT * FROM mailboat_archive",
        "SELECT * FROM mailboat_expired",
        "SELECT * FROM mailboat_relay",
      ]).then((sets) =>
        sets.map(({ rows }) => rows.map((row) => ({ ...row })))
      );
    const before = await dump();
    const request = {
      delivered: [1, 2],
      expired: [3],
      recovered: [2],
      failed: [failure({ seq: 3 })],
      archive: true,
      then,
      proven: false,
    };
    const lost = { inForce: false, lost: [1, 2, 3, 3] };
    expect(await settle(old, stale, request)).toEqual(lost);
    const wrongOwner = { epoch: fresh.epoch, owner: "old" };
    expect(await settle(old, wrongOwner, request)).toEqual(lost);
    expect(await settle(old, stale, { then }))
      .toEqual({ inForce: false, lost: [] });
    expect(await dump()).toEqual(before);
    expect(await settle(young, fresh, request)).toEqual(recorded);
  },
);

test("a lease that was released records nothing", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a"));
  const lease = await acquire(store);
  await settle(store, lease, { then: "release" });
  expect(await settle(store, lease, { delivered: [1] }))
    .toEqual({ inForce: false, lost: [1] });
  expect(await readIds(store)).toEqual(["a"]);
});

test("a transaction that fails half-way records nothing", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b"));
  const lease = await acquire(store);
  const nameless = failure({ seq: 2, code: null as never });
  const settling = settle(store, lease, { delivered: [1], failed: [nameless] });
  await expect(settling).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringMatching(/^Cannot settle as /),
  });
  expect(await readIds(store)).toEqual(["a", "b"]);
  expect(await settle(store, lease, { delivered: [1, 2] })).toEqual(recorded);
});

test("delivered messages are kept in the archive, with every field", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(
    message({
      id: "kept",
      key: "k",
      contentType: "text/plain",
      headers: { a: "b" },
      qos: 2,
      retain: true,
      onDead: "skip",
      payload: Uint8Array.of(0, 255),
    }),
  );
  const lease = await acquire(store);
  await settle(store, lease, { delivered: [1], archive: true, nowMs: 777 });
  const { rows: [row] } = await rig.client
    .execute("SELECT *, hex(payload) hex FROM mailboat_archive");
  expect(row).toMatchObject({
    seq: 1,
    id: "kept",
    event: "meter.read",
    topic: "meters/m-1",
    key: "k",
    content_type: "text/plain",
    headers: '{"a":"b"}',
    qos: 2,
    retain: 1,
    on_dead: 1,
    enqueued_at_ms: 1_700_000_000_000,
    ttl_ms: null,
    delivered_at_ms: 777,
    hex: "00FF",
  });
});

test("the archive is pruned by age and by number, oldest first, a part at a time", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(...messages("a", "b", "c", "d", "e", "f"));
  const lease = await acquire(store);
  for (let seq = 1; seq <= 6; seq++) {
    const kept = { delivered: [seq], archive: true, nowMs: seq * 10 };
    await settle(store, lease, kept);
  }
  const left = () => rig.column("SELECT seq FROM mailboat_archive ORDER BY 1");
  const none = { deliveredBeforeMs: 0, keepRows: Infinity, limit: 100 };
  expect(await store.prune(none)).toEqual({ removed: 0 });
  expect(await store.prune({ ...none, deliveredBeforeMs: 30, limit: 1 }))
    .toEqual({ removed: 1 });
  expect(await left()).toEqual([2, 3, 4, 5, 6]);
  expect(await store.prune({ ...none, deliveredBeforeMs: 30 }))
    .toEqual({ removed: 1 });
  expect(await left()).toEqual([3, 4, 5, 6]);
  expect(await store.prune({ ...none, keepRows: 1 })).toEqual({ removed: 3 });
  expect(await left()).toEqual([6]);
  expect(await store.prune({ ...none, keepRows: 0 })).toEqual({ removed: 1 });
  expect(await store.prune({ ...none, keepRows: 0 })).toEqual({ removed: 0 });
});

test("pruning leaves messages alone that are not delivered", async () => {
  const rig = await createRig();
  await rig.commit(...messages("a", "b"));
  const store = await rig.open();
  const all = { deliveredBeforeMs: Infinity, keepRows: 0, limit: 100 };
  expect(await store.prune(all)).toEqual({ removed: 0 });
  expect(await readIds(store)).toEqual(["a", "b"]);
});

/** The next sequence, told by a message that is enqueued for the purpose. */
async function nextSeq(rig: Rig): Promise<number> {
  await rig.commit(message());
  return (await (await rig.open()).survey()).newestSeq;
}

test.each(adapters)(
  "no sequence is used again, with $name",
  async (adapter) => {
    const rig = await createRig(adapter);
    const store = await rig.open();
    const lease = await acquire(store);
    for (let round = 1; round <= 5; round++) {
      await rig.commit(message());
      expect((await store.survey()).newestSeq).toBe(round);
      await settle(store, lease, { delivered: [round] });
      expect(await readIds(store)).toEqual([]);
      expect(await store.survey())
        .toMatchObject({ newestSeq: round, oldest: null });
      expect(await rowsOf(rig)).toEqual([1]);
    }
  },
);

test("a relay that never reads again leaves no row behind", async () => {
  const rig = await createRig();
  const store = await rig.open();
  const lease = await acquire(store);
  for (let seq = 1; seq <= 5; seq++) {
    await rig.commit(message());
    await settle(store, lease, { delivered: [seq] });
    expect(await rowsOf(rig)).toEqual([1]);
  }
});

test("no sequence is used again after a restart, and no row is left behind", async () => {
  const rig = await createRig();
  for (let round = 1; round <= 5; round++) {
    const store = await rig.storage.open();
    const lease = await acquire(store, `relay-${round}`);
    expect(await nextSeq(rig)).toBe(round);
    const { messages: [only, ...more] } = await store.read(everything);
    expect([only?.seq, more]).toEqual([round, []]);
    await settle(store, lease, { delivered: [round] });
    expect(await rowsOf(rig)).toEqual([1]);
    await store.close();
  }
});

test("what is left behind is found though its key is left out", async () => {
  const rig = await createRig();
  const first = await rig.open();
  await rig.commit(...messages("a"));
  await settle(first, await acquire(first), { delivered: [1] });
  await rig.commit(message({ key: "other" }));
  const second = await rig.open();
  const page = await second.read({
    ...everything,
    exceptKeys: ["m-1", "other"],
  });
  expect(page).toEqual({ messages: [], scannedTo: 2, end: true });
  await settle(second, await acquire(second, "two"));
  expect(await rig.column("SELECT seq FROM mailboat_message")).toEqual([2]);
});

test("what is left behind is found while it settles", async () => {
  const rig = await createRig();
  const first = await rig.open();
  await rig.commit(...messages("a"));
  await settle(first, await acquire(first), { delivered: [1] });
  await rig.commit(...messages("b", "c"));
  const second = await rig.open();
  const lease = await acquire(second, "two");
  await Promise.all([
    settle(second, lease, { delivered: [2] }),
    second.read(everything),
  ]);
  await settle(second, lease);
  expect(await rig.column("SELECT seq FROM mailboat_message")).toEqual([3]);
});

test("a chosen id may be used again once its message was delivered", async () => {
  const rig = await createRig();
  const store = await rig.open();
  const lease = await acquire(store);
  const chosen = message({ id: "x", chosenId: true });
  for (let round = 1; round <= 3; round++) {
    expect(await rig.commit(chosen)).toEqual([true]);
    expect(await rig.commit(chosen)).toEqual([false]);
    await settle(store, lease, { delivered: [round] });
  }
});

test("what is done takes no room", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.commit(message({ payload: new Uint8Array(5_000), key: "k" }));
  await settle(store, await acquire(store), { delivered: [1] });
  expect(await rig.column("SELECT length(payload) FROM mailboat_message"))
    .toEqual([0]);
});
