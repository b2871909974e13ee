import { beforeEach, describe, expect, it } from "vitest";
import type { Store } from "../../mod.ts";
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

beforeEach(async () => {
  ({ storage, store } = await openMemory());
});

describe("the lease", () => {
  it("goes to one of all who expect the same", async () => {
    const expected = { epoch: 0, beat: 0 };
    const other = await storage.open();
    const request = { leaseMs: 10, nowMs: 7, expect: expected };
    const outcomes = await Promise.all([
      store.acquire({ ...request, owner: "a" }),
      other.acquire({ ...request, owner: "b" }),
    ]);
    expect(outcomes).toEqual([{ epoch: 1, owner: "a" }, null]);
    expect((await other.survey()).lease).toEqual({
      epoch: 1,
      owner: "a",
      beat: 1,
      leaseMs: 10,
      renewedAtMs: 7,
      unproven: 1,
    });
  });

  it("keeps its epoch for the same owner and raises it for another", async () => {
    expect((await takeLease(store, "a")).epoch).toBe(1);
    expect((await takeLease(store, "a")).epoch).toBe(1);
    expect((await takeLease(store, "b")).epoch).toBe(2);
    expect((await store.survey()).lease.beat).toBe(3);
  });

  it("raises its epoch after a release, even for the same owner", async () => {
    const lease = await takeLease(store, "a");
    await store.settle(settleRequest(lease, { then: "release" }));
    expect((await store.survey()).lease).toMatchObject({
      epoch: 1,
      owner: null,
    });
    expect((await takeLease(store, "a")).epoch).toBe(2);
  });

  it("shows a renewal by its beat and its time", async () => {
    const lease = await takeLease(store, "a");
    await store.settle(settleRequest(lease, { then: "keep", nowMs: 8_000 }));
    expect((await store.survey()).lease)
      .toMatchObject({ beat: 1, renewedAtMs: 1_500 });
    await store.settle(settleRequest(lease, { then: "renew", nowMs: 9_000 }));
    expect((await store.survey()).lease)
      .toMatchObject({ epoch: 1, owner: "a", beat: 2, renewedAtMs: 9_000 });
  });

  it("is not taken by one who missed a renewal", async () => {
    const lease = await takeLease(store, "a");
    await store.settle(settleRequest(lease, { then: "renew" }));
    const late = { owner: "b", leaseMs: 10, nowMs: 7 };
    expect(await store.acquire({ ...late, expect: { epoch: 1, beat: 1 } }))
      .toBeNull();
    expect((await store.survey()).lease.owner).toBe("a");
  });
});

describe("settle", () => {
  beforeEach(async () => {
    await commit(storage, sampleMessage("a"), sampleMessage("b"));
  });

  it("removes what was delivered, and keeps it in the archive on demand", async () => {
    const lease = await takeLease(store);
    await store.settle(settleRequest(lease, { delivered: [1] }));
    const archived = { delivered: [2], archive: true, nowMs: 7_000 };
    expect(await store.settle(settleRequest(lease, archived)))
      .toEqual({ inForce: true, lost: [] });
    const { messages, archive } = storage.snapshot();
    expect(messages).toEqual([]);
    expect(archive).toMatchObject([
      { message: { seq: 2 }, deliveredAtMs: 7_000 },
    ]);
  });

  it("changes nothing under a lease that is gone, and names what is lost", async () => {
    const stale = await takeLease(store, "a");
    const request = settleRequest(stale, {
      delivered: [1],
      failed: [sampleFailure(2)],
      then: "renew",
    });
    const before = storage.snapshot();
    const fresh = await takeLease(await storage.open(), "b");
    const lost = { inForce: false, lost: [1, 2] };
    expect(await store.settle(request)).toEqual(lost);
    expect(storage.snapshot()).toEqual(before);
    expect((await store.survey()).lease.beat).toBe(2);
    await store.settle(settleRequest(fresh, { then: "release" }));
    expect(await store.settle({ ...request, lease: fresh })).toEqual(lost);
    expect(storage.snapshot()).toEqual(before);
  });

  it("changes nothing under another owner's epoch", async () => {
    const { epoch } = await takeLease(store, "a");
    const forged = settleRequest({ epoch, owner: "b" }, { delivered: [1] });
    expect((await store.settle(forged)).inForce).toBe(false);
    expect(await readAll(store)).toEqual([1, 2]);
  });

  it("changes nothing when it is repeated", async () => {
    const lease = await takeLease(store);
    const request = settleRequest(lease, {
      delivered: [1],
      failed: [sampleFailure(2)],
      archive: true,
    });
    await store.settle(request);
    const before = storage.snapshot();
    expect(await store.settle(request)).toEqual({ inForce: true, lost: [] });
    expect(storage.snapshot()).toEqual(before);
  });

  it("replaces an earlier failure, and removes it when the message recovered", async () => {
    const lease = await takeLease(store);
    const failed = (attempts: number) =>
      settleRequest(lease, { failed: [sampleFailure(1, { attempts })] });
    await store.settle(failed(1));
    await store.settle(failed(2));
    expect(await store.failures({ after: 0, limit: 10 }))
      .toEqual([sampleFailure(1, { attempts: 2 })]);
    await store.settle(
      settleRequest(lease, { delivered: [1], recovered: [1] }),
    );
    expect(await store.failures({ after: 0, limit: 10 })).toEqual([]);
  });

  it("records no failure of a message that is gone", async () => {
    const lease = await takeLease(store);
    await store.settle(settleRequest(lease, { delivered: [1] }));
    await store.settle(settleRequest(lease, { failed: [sampleFailure(1)] }));
    expect(await store.failures({ after: 0, limit: 10 })).toEqual([]);
  });

  it("never frees a sequence for another message", async () => {
    const lease = await takeLease(store);
    await store.settle(settleRequest(lease, { delivered: [1, 2] }));
    await commit(storage, sampleMessage("c"));
    expect(await readAll(await storage.open())).toEqual([3]);
    expect((await store.survey()).newestSeq).toBe(3);
  });
});

describe("what a store shows", () => {
  it("is the oldest message, dead ones included", async () => {
    expect((await store.survey()).oldest).toBeNull();
    await commit(
      storage,
      sampleMessage("a", { enqueuedAtMs: 70 }),
      sampleMessage("b", { enqueuedAtMs: 60 }),
    );
    const lease = await takeLease(store);
    const dead = sampleFailure(1, { state: "dead" });
    await store.settle(settleRequest(lease, { failed: [dead] }));
    expect((await store.survey()).oldest).toEqual({ seq: 1, enqueuedAtMs: 70 });
    await store.discardDead({});
    expect((await store.survey()).oldest).toEqual({ seq: 2, enqueuedAtMs: 60 });
  });

  it("is the same through every store", async () => {
    await commit(storage, sampleMessage("a"));
    const other = await storage.open();
    expect(await other.survey()).toEqual(await store.survey());
    expect(other.identity).toBe(store.identity);
  });

  it("lists failures by sequence, page by page", async () => {
    const ids = ["a", "b", "c", "d"];
    await commit(storage, ...ids.map((id) => sampleMessage(id)));
    const lease = await takeLease(store);
    for (const seq of [3, 1, 4]) {
      const failed = [sampleFailure(seq)];
      await store.settle(settleRequest(lease, { failed }));
    }
    const page = async (after: number) =>
      (await store.failures({ after, limit: 2 })).map(({ seq }) => seq);
    expect([await page(0), await page(3)]).toEqual([[1, 3], [4]]);
  });

  it("is nothing any more once it is closed; the others go on", async () => {
    const other = await storage.open();
    await store.close();
    await store.close();
    await expect(store.survey()).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      message: "Cannot survey the outbox as the store is closed",
    });
    await expect(other.survey()).resolves.toBeDefined();
  });
});
