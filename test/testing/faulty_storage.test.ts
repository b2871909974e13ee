import { describe, expect, it } from "vitest";
import type { Store } from "../../mod.ts";
import {
  createFaultyStorage,
  createMemoryStorage,
  createSyncMemoryStorage,
  type MemoryStorage,
  type StorageFault,
  type StorageFaultRule,
  type StoreOperation,
} from "../../src/testing/mod.ts";
import {
  commit,
  openMemory,
  readAll,
  sampleMessage,
  settleRequest,
  takeLease,
} from "./samples.ts";

const lane = { key: null, after: 0, upTo: 9, limit: 9, maxBytes: 9 };
const prune = { deliveredBeforeMs: 0, keepRows: 0, limit: 1 };
const take = {
  owner: "a",
  leaseMs: 1,
  nowMs: 1,
  expect: { epoch: 0, beat: 0 },
};

const CALLS: Record<
  Exclude<StoreOperation, "open">,
  (store: Store) => Promise<unknown>
> = {
  survey: (store) => store.survey(),
  acquire: (store) => store.acquire(take),
  failures: (store) => store.failures({ after: 0, limit: 1 }),
  read: (store) => store.read({ ...lane, exceptKeys: [] }),
  readLane: (store) => store.readLane(lane),
  makeDurable: (store) => store.makeDurable(),
  settle: (store) => store.settle(settleRequest({ epoch: 0, owner: "a" })),
  prune: (store) => store.prune(prune),
  listExpired: (store) => store.listExpired({ before: 9, limit: 1 }),
  forgetPositions: (store) =>
    store.forgetPositions({ countedBefore: 1, limit: 1 }),
  listDead: (store) => store.listDead({ filter: {}, after: 0, limit: 1 }),
  retryDead: (store) => store.retryDead({}),
  discardDead: (store) => store.discardDead({}),
};

/** A storage with one message, and a faulty store on it. */
async function openFaulty(
  rule: StorageFaultRule,
): Promise<{ storage: MemoryStorage; store: Store }> {
  const { storage } = await openMemory();
  await commit(storage, sampleMessage("a"));
  return { storage, store: await createFaultyStorage(storage, rule).open() };
}

describe("a faulty storage", () => {
  it.each(Object.entries(CALLS))(
    "fails at %s, and nowhere else",
    async (name, call) => {
      const { store } = await openFaulty((operation) =>
        operation === name ? "before" : "ok"
      );
      await expect(call(store)).rejects.toMatchObject({
        name: "StorageError",
        code: "STORAGE_FAILED",
        message:
          `Cannot ${name} as the rule for call 1 says to fail before its effect`,
      });
      for (const [other, callOther] of Object.entries(CALLS)) {
        if (other !== name) await callOther(store);
      }
    },
  );

  it.each<[StorageFault, string | null, number]>([
    ["ok", null, 0],
    ["before", "STORAGE_FAILED", 1],
    ["busy", "STORAGE_BUSY", 1],
    ["after", "STORAGE_FAILED", 0],
  ])("answers %s with its code and its effect", async (fault, code, left) => {
    const { storage, store } = await openFaulty((operation) =>
      operation === "settle" ? fault : "ok"
    );
    const lease = await takeLease(store);
    const settled = store.settle(settleRequest(lease, { delivered: [1] }));
    if (code === null) await settled;
    else await expect(settled).rejects.toMatchObject({ code });
    expect(storage.snapshot().messages).toHaveLength(left);
  });

  it("counts the calls of each operation over all its stores", async () => {
    const { storage } = await openMemory();
    const seen: string[] = [];
    const faulty = createFaultyStorage(storage, (operation, n) => {
      seen.push(`${operation} ${n}`);
      return "ok";
    });
    for (let round = 0; round < 2; round++) {
      const store = await faulty.open();
      await store.survey();
      await readAll(store);
      await store.close();
    }
    expect(seen).toEqual([
      "open 1",
      "survey 1",
      "read 1",
      "open 2",
      "survey 2",
      "read 2",
    ]);
  });

  it("leaks no store when opening fails after its effect", async () => {
    const { storage } = await openMemory();
    const open = new Set<Store>();
    const counted = {
      ...storage,
      open: async () => {
        const store = await storage.open();
        open.add(store);
        const close = () => Promise.resolve(void open.delete(store));
        return { ...CALLS, ...store, close } as unknown as Store;
      },
    };
    const faulty = createFaultyStorage(counted, () => "after");
    await expect(faulty.open()).rejects.toMatchObject({
      code: "STORAGE_FAILED",
    });
    expect(open.size).toBe(0);
  });

  it("leaves writer, migration and hints as they are", async () => {
    const storage = createMemoryStorage();
    const faulty = createFaultyStorage(storage, () => "before");
    await faulty.migrate();
    let hints = 0;
    const stop = faulty.watch!(() => hints++);
    const tx = storage.begin();
    await faulty.writer.insert(tx, [sampleMessage("a")]);
    tx.commit();
    await Promise.resolve();
    stop();
    expect([hints, storage.snapshot().messages.length]).toEqual([1, 1]);
    const unwatched = createMemoryStorage({ watch: false });
    expect("watch" in createFaultyStorage(unwatched, () => "ok")).toBe(false);
  });

  it("wraps a synchronous storage too", async () => {
    const storage = createSyncMemoryStorage();
    const faulty = createFaultyStorage(storage, () => "ok");
    await faulty.migrate();
    const tx = storage.begin();
    expect(faulty.writer.insertSync(tx, [sampleMessage("a")])).toEqual([true]);
  });
});
