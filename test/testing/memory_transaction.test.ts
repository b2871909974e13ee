import { describe, expect, it } from "vitest";
import type { MemoryTransaction } from "../../src/testing/mod.ts";
import {
  createMemoryStorage,
  createSyncMemoryStorage,
} from "../../src/testing/mod.ts";
import { commit, openMemory, readAll, sampleMessage } from "./samples.ts";

describe("a transaction on a memory storage", () => {
  it("shows messages and business rows together, at the commit", async () => {
    const { storage, store } = await openMemory();
    const tx = storage.begin();
    tx.put("meters", "m-1", { kwh: 4.2 });
    await storage.writer.insert(tx, [sampleMessage("a")]);
    expect(storage.rows("meters").size).toBe(0);
    expect(await readAll(store)).toEqual([]);
    expect((await store.survey()).newestSeq).toBe(0);
    tx.commit();
    expect(storage.rows("meters").get("m-1")).toEqual({ kwh: 4.2 });
    expect(await readAll(store)).toEqual([1]);
  });

  it("leaves nothing behind when it is rolled back", async () => {
    const { storage, store } = await openMemory();
    const tx = storage.begin();
    tx.put("meters", "m-1", { kwh: 4.2 });
    await storage.writer.insert(tx, [sampleMessage("a")]);
    tx.rollback();
    tx.rollback();
    expect(storage.rows("meters").size).toBe(0);
    expect(storage.snapshot().committed).toEqual([]);
    expect(await readAll(store)).toEqual([]);
  });

  it("stores messages in the order of the calls and of the commits", async () => {
    const { storage, store } = await openMemory();
    const early = storage.begin();
    const late = storage.begin();
    await storage.writer.insert(late, [sampleMessage("late-1")]);
    await storage.writer.insert(late, [
      sampleMessage("late-2"),
      sampleMessage("late-3"),
    ]);
    late.commit();
    await storage.writer.insert(early, [sampleMessage("early")]);
    early.commit();
    expect(storage.snapshot().committed.map(({ id }) => id))
      .toEqual(["late-1", "late-2", "late-3", "early"]);
    expect(await readAll(store)).toEqual([1, 2, 3, 4]);
  });

  it("has the write lock from its first write to its end", async () => {
    const { storage, store } = await openMemory();
    const busy = { code: "STORAGE_BUSY", name: "StorageError" };
    const first = storage.begin();
    const second = storage.begin();
    first.put("meters", "m-1", {});
    await expect(storage.writer.insert(second, [sampleMessage("a")]))
      .rejects.toMatchObject(busy);
    expect(() => second.put("meters", "m-1", {}))
      .toThrow(expect.objectContaining(busy));
    await expect(store.retryDead({})).rejects.toMatchObject(busy);
    expect(await readAll(store)).toEqual([]);
    first.rollback();
    await storage.writer.insert(second, [sampleMessage("a")]);
    second.commit();
    expect(await readAll(store)).toEqual([1]);
  });

  it("takes no lock for nothing", async () => {
    const { storage } = await openMemory();
    const idle = storage.begin();
    expect(await storage.writer.insert(idle, [])).toEqual([]);
    await commit(storage, sampleMessage("a"));
    idle.commit();
    expect(storage.snapshot().committed).toHaveLength(1);
  });

  it("is refused when it is finished", async () => {
    const { storage } = await openMemory();
    const finished = expect.objectContaining({
      code: "TRANSACTION_FINISHED",
      field: "tx",
    });
    const committed = storage.begin();
    committed.commit();
    const rolledBack = storage.begin();
    rolledBack.rollback();
    for (const tx of [committed, rolledBack]) {
      await expect(storage.writer.insert(tx, [sampleMessage("a")]))
        .rejects.toEqual(finished);
      expect(() => tx.put("meters", "m-1", {})).toThrow(finished);
      expect(() => tx.commit()).toThrow(finished);
    }
    expect(storage.snapshot().committed).toEqual([]);
  });

  it("is refused by another storage", async () => {
    const { storage } = await openMemory();
    const other = await openMemory();
    await expect(storage.writer.insert(other.storage.begin(), [
      sampleMessage("a"),
    ])).rejects.toMatchObject({ code: "FOREIGN_TRANSACTION", field: "tx" });
  });

  it.each([
    ["nothing", undefined],
    ["an object", { put() {}, commit() {}, rollback() {} }],
    ["the storage itself", createMemoryStorage()],
  ])("is refused when it is %s", async (_, tx) => {
    const { storage } = await openMemory();
    const wrong = tx as unknown as MemoryTransaction;
    await expect(storage.writer.insert(wrong, [sampleMessage("a")]))
      .rejects.toMatchObject({ code: "NOT_A_TRANSACTION", field: "tx" });
  });

  it("needs a migrated storage", async () => {
    const storage = createMemoryStorage();
    const missing = { code: "STORAGE_NOT_MIGRATED" };
    await expect(storage.open()).rejects.toMatchObject(missing);
    await expect(storage.writer.insert(storage.begin(), [sampleMessage("a")]))
      .rejects.toMatchObject(missing);
    await Promise.all([storage.migrate(), storage.migrate()]);
    await expect(storage.open()).resolves.toBeDefined();
  });

  it("stores a chosen id once, and says so", async () => {
    const { storage } = await openMemory();
    const chosen = (id: string) => sampleMessage(id, { chosenId: true });
    const tx = storage.begin();
    expect(
      await storage.writer.insert(tx, [chosen("a"), chosen("b"), chosen("a")]),
    ).toEqual([true, true, false]);
    tx.commit();
    const again = storage.begin();
    expect(await storage.writer.insert(again, [chosen("b"), chosen("c")]))
      .toEqual([false, true]);
    again.commit();
    expect(storage.snapshot().committed.map(({ id }) => id))
      .toEqual(["a", "b", "c"]);
  });

  it("keeps a copy, whatever becomes of the caller's objects", async () => {
    const { storage, store } = await openMemory();
    const payload = new Uint8Array([1, 2]);
    const headers: Record<string, string> = { a: "b" };
    const row = { kwh: 1 };
    const tx = storage.begin();
    tx.put("meters", "m-1", row);
    await storage.writer.insert(tx, [sampleMessage("a", { payload, headers })]);
    payload[0] = 9;
    headers["a"] = "z";
    row.kwh = 9;
    tx.commit();
    const request = { after: 0, exceptKeys: [], limit: 1, maxBytes: 1 };
    const [read] = (await store.read(request)).messages;
    read!.payload[1] = 9;
    const [stored] = storage.snapshot().messages;
    expect([...stored!.payload, stored!.headers]).toEqual([1, 2, { a: "b" }]);
    expect(storage.rows("meters").get("m-1")).toEqual({ kwh: 1 });
  });

  it("runs a batch of statements whole, in order", async () => {
    const { storage, store } = await openMemory();
    const messages = [sampleMessage("a"), sampleMessage("b")];
    const statements = storage.writer.statements(messages);
    expect(storage.snapshot().committed).toEqual([]);
    const put = { table: "meters", id: "m-1", row: { kwh: 1 } };
    storage.batch([{ put }, ...statements]);
    expect(await readAll(store)).toEqual([1, 2]);
    expect(storage.rows("meters").get("m-1")).toEqual({ kwh: 1 });
  });

  it("leaves nothing of a batch that fails", async () => {
    const { storage } = await openMemory();
    const uncloneable = { row: () => {} };
    const [first] = storage.writer.statements([sampleMessage("a")]);
    const put = { table: "meters", id: "m-1", row: uncloneable };
    expect(() => storage.batch([first!, { put }])).toThrow();
    expect(storage.snapshot().committed).toEqual([]);
    await commit(storage, sampleMessage("b"));
    expect(storage.snapshot().committed.map(({ id }) => id)).toEqual(["b"]);
  });
});

describe("the synchronous writer", () => {
  it("has stored the messages when it returns, and throws what it refuses", async () => {
    const storage = createSyncMemoryStorage();
    await storage.migrate();
    const tx = storage.begin();
    expect(storage.writer.insertSync(tx, [sampleMessage("a")])).toEqual([true]);
    tx.commit();
    expect(storage.snapshot().committed.map(({ seq }) => seq)).toEqual([1]);
    expect(() => storage.writer.insertSync(tx, [sampleMessage("b")]))
      .toThrow(expect.objectContaining({ code: "TRANSACTION_FINISHED" }));
    const foreign = createSyncMemoryStorage().begin();
    expect(() => storage.writer.insertSync(foreign, [sampleMessage("b")]))
      .toThrow(expect.objectContaining({ code: "FOREIGN_TRANSACTION" }));
  });
});

describe("a process that is killed", () => {
  it("leaves what it committed, and nothing of what was under way", async () => {
    const { storage, store } = await openMemory();
    await commit(storage, sampleMessage("a"));
    const open = storage.begin();
    open.put("meters", "m-1", {});
    await storage.writer.insert(open, [sampleMessage("b")]);
    storage.kill();
    expect(() => open.commit()).toThrow(
      expect.objectContaining({ code: "TRANSACTION_FINISHED" }),
    );
    await expect(store.survey()).rejects.toMatchObject({
      code: "STORAGE_FAILED",
    });
    await commit(storage, sampleMessage("c"));
    expect(storage.rows("meters").size).toBe(0);
    expect(storage.snapshot().messages.map(({ id }) => id)).toEqual(["a", "c"]);
    expect(await readAll(await storage.open())).toEqual([1, 2]);
  });
});

describe("the hint of changes", () => {
  it("follows every commit, outside the transaction, until the watch ends", async () => {
    const { storage, store } = await openMemory();
    let hints = 0;
    const stop = storage.watch!(() => hints++);
    const tx = storage.begin();
    await storage.writer.insert(tx, [sampleMessage("a")]);
    await Promise.resolve();
    expect(hints).toBe(0);
    tx.commit();
    expect(hints).toBe(0);
    await Promise.resolve();
    expect(hints).toBe(1);
    await readAll(store);
    storage.begin().commit();
    await Promise.resolve();
    expect(hints).toBe(1);
    const last = storage.begin();
    last.put("meters", "m-1", {});
    last.commit();
    stop();
    await Promise.resolve();
    expect(hints).toBe(1);
  });

  it("can be left out", () => {
    expect("watch" in createMemoryStorage({ watch: false })).toBe(false);
  });
});
