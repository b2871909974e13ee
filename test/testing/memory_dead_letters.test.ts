import { beforeEach, describe, expect, it } from "vitest";
import type { Lease, Store } from "../../mod.ts";
import type { MemoryStorage } from "../../src/testing/mod.ts";
import {
  commit,
  openMemory,
  readAll,
  sampleFailure,
  sampleMessage,
  settleRequest,
  takeLease,
} from "./samples.ts";

let storage: MemoryStorage;
let store: Store;
let lease: Lease;

beforeEach(async () => {
  ({ storage, store } = await openMemory());
  await commit(
    storage,
    sampleMessage("a", { key: "k", topic: "t/1" }),
    sampleMessage("b", { key: "k", topic: "t/2" }),
    sampleMessage("c", { key: "l", topic: "t/1" }),
    sampleMessage("d", { topic: "t/2" }),
  );
  lease = await takeLease(store);
});

/** Sets messages aside, those of key `l` for a retry only. */
async function fail(...seqs: readonly number[]): Promise<void> {
  const failed = seqs.map((seq) =>
    seq === 3
      ? sampleFailure(seq, { key: "l" })
      : sampleFailure(seq, { state: "dead", attempts: 5, delayMs: 0 })
  );
  await store.settle(settleRequest(lease, { failed }));
}

const list = async (filter = {}, after = 0, limit = 10) =>
  (await store.listDead({ filter, after, limit }))
    .map(({ message }) => message.seq);

describe("dead letters", () => {
  it("are listed with their reason, by sequence, page by page", async () => {
    await fail(4, 1, 2, 3);
    expect(await list()).toEqual([1, 2, 4]);
    expect(await list({}, 1, 1)).toEqual([2]);
    const [first] = await store.listDead({ filter: {}, after: 0, limit: 1 });
    expect(first).toMatchObject({
      message: { id: "a", seq: 1 },
      failure: { seq: 1, attempts: 5, code: "REFUSED" },
    });
  });

  it("match a filter when every given field does", async () => {
    await fail(1, 2, 4);
    expect(await list({ id: "b" })).toEqual([2]);
    expect(await list({ key: "k" })).toEqual([1, 2]);
    expect(await list({ topic: "t/2" })).toEqual([2, 4]);
    expect(await list({ key: "k", topic: "t/2" })).toEqual([2]);
    expect(await list({ key: "l" })).toEqual([]);
  });

  it("become live again in their old place, with no attempt spent", async () => {
    await fail(1, 2);
    expect(await store.retryDead({ id: "a" })).toEqual({ changed: 1 });
    expect(await store.failures({ after: 0, limit: 10 })).toMatchObject([
      { seq: 1, state: "retry", holds: true, attempts: 0, delayMs: 0 },
      { seq: 2, state: "dead" },
    ]);
    const lane = { key: "k", after: 0, upTo: 9, limit: 9, maxBytes: 99 };
    expect((await store.readLane(lane)).messages.map(({ seq }) => seq))
      .toEqual([1]);
  });

  it("are gone for good when they are discarded", async () => {
    await fail(1, 2);
    expect(await store.discardDead({ key: "k" })).toEqual({ changed: 2 });
    expect(storage.snapshot()).toMatchObject({
      messages: [{ seq: 3 }, { seq: 4 }],
      failures: [],
    });
  });

  it("raise the revision when one of them changed, and only then", async () => {
    await fail(1, 2, 3);
    const revision = async () => (await store.survey()).revision;
    expect(await revision()).toBe(0);
    expect(await store.retryDead({ key: "nobody" })).toEqual({ changed: 0 });
    expect(await store.discardDead({ key: "l" })).toEqual({ changed: 0 });
    expect(await revision()).toBe(0);
    await store.retryDead({ id: "a" });
    await store.discardDead({ id: "b" });
    expect(await revision()).toBe(2);
  });

  it("leave every other message alone", async () => {
    await fail(1, 3);
    await store.discardDead({});
    expect(await readAll(store)).toEqual([2, 4]);
    expect(await store.failures({ after: 0, limit: 10 }))
      .toMatchObject([{ seq: 3, state: "retry", attempts: 1 }]);
  });
});

describe("the archive", () => {
  const archived = () =>
    storage.snapshot().archive.map(({ message }) => message.seq);

  beforeEach(async () => {
    for (const seq of [2, 1, 4]) {
      const request = { delivered: [seq], archive: true, nowMs: seq * 1_000 };
      await store.settle(settleRequest(lease, request));
    }
  });

  it("loses what was delivered before an instant, by the clock of that time", async () => {
    const request = { deliveredBeforeMs: 2_000, keepRows: 9, limit: 9 };
    expect(await store.prune(request)).toEqual({ removed: 1 });
    expect(archived()).toEqual([2, 4]);
  });

  it("loses what is beyond the newest rows", async () => {
    const request = { deliveredBeforeMs: 0, keepRows: 1, limit: 9 };
    expect(await store.prune(request)).toEqual({ removed: 2 });
    expect(archived()).toEqual([4]);
  });

  it("loses the oldest first and no more than the limit", async () => {
    const request = { deliveredBeforeMs: 9_000, keepRows: 0, limit: 2 };
    expect(await store.prune(request)).toEqual({ removed: 2 });
    expect(archived()).toEqual([4]);
    expect(await readAll(store)).toEqual([3]);
  });
});
