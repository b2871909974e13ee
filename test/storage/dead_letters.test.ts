/**
 * Dead letters: listed with their reason, retried in their old place, or
 * discarded.
 */

import type { DeadLetterFilter, FailureRecord, Store } from "@mailboat/outbox";
import { expect, test } from "vitest";
import { createRig, everything, message, readIds, type Rig } from "./rig.ts";

const all = { after: 0, limit: 100 };

/** Six messages; those of the given sequences are dead, and 1 is in retry. */
async function withDead(...seqs: number[]): Promise<Rig & { store: Store }> {
  const rig = await createRig();
  await rig.commit(
    message({ id: "a", key: "k", topic: "t" }),
    message({ id: "b", key: "k", topic: "t" }),
    message({ id: "c", key: "k", topic: "T" }),
    message({ id: "d", key: null, topic: "t" }),
    message({ id: "e", key: "K", topic: "t" }),
    message({ id: "f", key: "k", topic: "t" }),
  );
  const store = await rig.open();
  const lease = await store
    .acquire({
      owner: "o",
      leaseMs: 1,
      nowMs: 1,
      expect: { epoch: 0, beat: 0 },
    });
  await store.settle({
    lease: lease!,
    delivered: [],
    expired: [],
    recovered: [],
    failed: [record(1, "retry"), ...seqs.map((seq) => record(seq, "dead"))],
    archive: false,
    keepExpired: 1_000,
    then: "keep",
    proven: false,
    nowMs: 1,
  });
  return { ...rig, store };
}

function record(seq: number, state: FailureRecord["state"]): FailureRecord {
  return {
    seq,
    key: "k",
    state,
    holds: true,
    attempts: 5,
    deaths: 0,
    trial: null,
    firstFailedAtMs: 10,
    failedAtMs: 20,
    delayMs: state === "dead" ? 0 : 30,
    code: "0x99",
    reason: "Payload format invalid",
  };
}

async function deadIds(store: Store, filter: DeadLetterFilter = {}) {
  const letters = await store.listDead({ filter, ...all });
  return letters.map(({ message }) => message.id);
}

const filters: [DeadLetterFilter, string[]][] = [
  [{}, ["b", "c", "d", "e"]],
  [{ id: "c" }, ["c"]],
  [{ key: "k" }, ["b", "c"]],
  [{ topic: "t" }, ["b", "d", "e"]],
  [{ key: "k", topic: "t" }, ["b"]],
  [{ id: "b", key: "k", topic: "t" }, ["b"]],
  [{ id: "b", key: "K" }, []],
  [{ id: "a" }, []],
  [{ id: "f" }, []],
  [{ key: "" }, []],
];

test.each(filters)("%o lists %o", async (filter, expected) => {
  const { store } = await withDead(2, 3, 4, 5);
  expect(await deadIds(store, filter)).toEqual(expected);
});

test("a dead letter is the message and its record, page by page", async () => {
  const { store } = await withDead(2, 4);
  const letters = await store.listDead({ filter: {}, after: 0, limit: 100 });
  expect(letters.map(({ message }) => message.seq)).toEqual([2, 4]);
  expect(letters[1]?.failure).toEqual(record(4, "dead"));
  expect(letters[0]?.message).toMatchObject({ id: "b", topic: "t", key: "k" });
  expect(new TextDecoder().decode(letters[0]?.message.payload))
    .toBe('{"kwh":4.2}');
  expect(await store.listDead({ filter: {}, after: 0, limit: 1 }))
    .toEqual([letters[0]]);
  expect(await store.listDead({ filter: {}, after: 2, limit: 9 }))
    .toEqual([letters[1]]);
  expect(await store.listDead({ filter: {}, after: 4, limit: 9 })).toEqual([]);
});

test.each(filters)("%o retries %o, in their old place", async (filter, ids) => {
  const { store } = await withDead(2, 3, 4, 5);
  expect(await store.retryDead(filter)).toEqual({ changed: ids.length });
  expect(await deadIds(store))
    .toEqual(["b", "c", "d", "e"].filter((id) => !ids.includes(id)));
  expect((await store.survey()).revision).toBe(ids.length > 0 ? 1 : 0);
  const records = await store.failures(all);
  expect(records).toHaveLength(5);
  const live = await store.readLane({ ...everything, key: "k", upTo: 6 });
  expect(live.messages.map(({ id }) => id))
    .toEqual(["a", "b", "c", "f"]
      .filter((id) => ["a", "f"].includes(id) || ids.includes(id)));
});

test("a retried message has no attempt spent", async () => {
  const { store } = await withDead(2);
  await store.retryDead({ id: "b" });
  expect(await store.failures({ after: 1, limit: 1 }))
    .toEqual([{ ...record(2, "retry"), attempts: 0, delayMs: 0 }]);
  expect(await store.retryDead({ id: "b" })).toEqual({ changed: 0 });
  expect((await store.survey()).revision).toBe(1);
});

test.each(filters)("%o discards %o", async (filter, ids) => {
  const { store } = await withDead(2, 3, 4, 5);
  expect(await store.discardDead(filter)).toEqual({ changed: ids.length });
  const left = ["b", "c", "d", "e"].filter((id) => !ids.includes(id));
  expect(await deadIds(store)).toEqual(left);
  expect((await store.survey()).revision).toBe(ids.length > 0 ? 1 : 0);
  expect(await store.failures(all)).toHaveLength(1 + left.length);
  expect(await readIds(store)).toEqual(["f"]);
});

test("discarding the newest does not free its sequence", async () => {
  const { store, ...rig } = await withDead(5, 6);
  expect(await store.discardDead({})).toEqual({ changed: 2 });
  expect(await store.survey()).toMatchObject({ newestSeq: 6, revision: 1 });
  expect(await store.discardDead({})).toEqual({ changed: 0 });
  await rig.commit(message({ id: "g" }));
  expect((await store.survey()).newestSeq).toBe(7);
  expect(await readIds(store)).toEqual(["b", "c", "d", "g"]);
  const { lease } = await store.survey();
  await store.settle({
    lease: { epoch: lease.epoch, owner: "o" },
    delivered: [],
    expired: [],
    recovered: [],
    failed: [],
    archive: false,
    keepExpired: 1_000,
    then: "keep",
    proven: false,
    nowMs: 1,
  });
  expect(await rig.column("SELECT seq FROM mailboat_message"))
    .toEqual([1, 2, 3, 4, 7]);
});

test("discarding everything leaves an empty queue whose sequence goes on", async () => {
  const { store, ...rig } = await withDead(2, 3, 4, 5, 6);
  await store.discardDead({});
  await store.retryDead({});
  const { lease: { epoch } } = await store.survey();
  await store.settle({
    lease: { epoch, owner: "o" },
    delivered: [1],
    expired: [],
    recovered: [1],
    failed: [],
    archive: false,
    keepExpired: 1_000,
    then: "keep",
    proven: false,
    nowMs: 1,
  });
  expect(await store.survey()).toMatchObject({ newestSeq: 6, oldest: null });
  expect(await store.failures(all)).toEqual([]);
  await rig.commit(message());
  expect((await store.survey()).newestSeq).toBe(7);
});
