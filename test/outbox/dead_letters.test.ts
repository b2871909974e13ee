import { describe, expect, test } from "vitest";
import type { DeadLetter } from "../../src/dead_letter_store.ts";
import { createDeadLetters, type DeadLetters } from "../../src/dead_letters.ts";
import { StorageError } from "../../src/errors.ts";
import type { StorageBase } from "../../src/storage.ts";
import type { Store } from "../../src/store.ts";

/** A storage that writes down what operators ask for. */
function operated({ failOpening = 0 } = {}) {
  const calls: unknown[] = [];
  const letters: readonly DeadLetter[] = [];
  const store = {
    listDead: (request: unknown) => {
      calls.push({ list: request });
      return Promise.resolve(letters);
    },
    retryDead: (filter: unknown) => {
      calls.push({ retry: filter });
      return Promise.resolve({ changed: 2 });
    },
    discardDead: (filter: unknown) => {
      calls.push({ discard: filter });
      return Promise.resolve({ changed: 3 });
    },
    close: () => {
      calls.push("close");
      return Promise.resolve();
    },
  } as unknown as Store;
  const storage: StorageBase = {
    migrate: () => Promise.resolve(),
    open: () => {
      calls.push("open");
      failOpening -= 1;
      return failOpening >= 0
        ? Promise.reject(new StorageError("STORAGE_BUSY", "Cannot open"))
        : Promise.resolve(store);
    },
  };
  return { storage, letters, calls };
}

describe("dead letters", () => {
  test("are listed, a page at a time", async () => {
    const { storage, letters, calls } = operated();
    const deadLetters = createDeadLetters({ storage });
    expect(await deadLetters.list()).toBe(letters);
    await deadLetters.list({ key: "m-1" }, { after: 7, limit: 1_000 });
    expect(calls).toEqual([
      "open",
      { list: { filter: {}, after: 0, limit: 100 } },
      { list: { filter: { key: "m-1" }, after: 7, limit: 1_000 } },
    ]);
  });

  test("are retried and discarded by id, key or topic", async () => {
    const { storage, calls } = operated();
    const deadLetters = createDeadLetters({ storage });
    expect(await deadLetters.retry({ id: "a" })).toEqual({ changed: 2 });
    expect(await deadLetters.discard({ key: "k", topic: "t" }))
      .toEqual({ changed: 3 });
    expect(calls).toEqual([
      "open",
      { retry: { id: "a" } },
      { discard: { key: "k", topic: "t" } },
    ]);
  });

  test("are all meant only when it is spelled out", async () => {
    const { storage, calls } = operated();
    const deadLetters = createDeadLetters({ storage });
    await deadLetters.retry({ all: true });
    await deadLetters.discard({ all: true });
    expect(calls).toEqual(["open", { retry: {} }, { discard: {} }]);
  });

  test.each<unknown>([
    undefined,
    {},
    { all: false },
    { all: true, key: "k" },
    { key: undefined },
    { id: "a", key: undefined },
    { ids: ["a"] },
    { key: "k", tpoic: "t" },
    { key: "" },
    { key: 7 },
    { key: "\ud800" },
    { topic: "a\u0000" },
    { toString: "a" },
  ])("are left alone by a selection of %j", async (selection) => {
    const { storage, calls } = operated();
    const deadLetters = createDeadLetters({ storage });
    for (const change of ["retry", "discard"] as const) {
      await expect(deadLetters[change](selection as never)).rejects
        .toMatchObject({ name: "InputError" });
    }
    expect(calls).toEqual([]);
  });

  test.each<[unknown, object]>([
    [{ key: undefined }, {}],
    [{ nokey: "a" }, {}],
    [{}, { after: -1 }],
    [{}, { limit: 0 }],
    [{}, { limit: 1_001 }],
    [{}, { limit: NaN }],
  ])("are not listed by %j, %j", async (filter, page) => {
    const { storage, calls } = operated();
    await expect(createDeadLetters({ storage }).list(filter as never, page))
      .rejects.toMatchObject({ name: "InputError" });
    expect(calls).toEqual([]);
  });
});

describe("the connection of an operator", () => {
  const listTwice = (deadLetters: DeadLetters) =>
    Promise.all([deadLetters.list(), deadLetters.list()]);

  test("is opened at the first call, and once", async () => {
    const { storage, calls } = operated();
    const deadLetters = createDeadLetters({ storage });
    expect(calls).toEqual([]);
    await listTwice(deadLetters);
    expect(calls.filter((call) => call === "open")).toHaveLength(1);
  });

  test("is tried again when it could not be opened", async () => {
    const { storage, calls } = operated({ failOpening: 1 });
    const deadLetters = createDeadLetters({ storage });
    await expect(listTwice(deadLetters)).rejects.toMatchObject({
      code: "STORAGE_BUSY",
    });
    await deadLetters.list();
    expect(calls.filter((call) => call === "open")).toHaveLength(2);
  });

  test("is closed once, and stays closed", async () => {
    const { storage, calls } = operated();
    const deadLetters = createDeadLetters({ storage });
    await deadLetters.list();
    await deadLetters[Symbol.asyncDispose]();
    await deadLetters.close();
    expect(calls.filter((call) => call === "close")).toHaveLength(1);
    await expect(deadLetters.list()).rejects.toThrow(
      "Cannot list dead letters as the connection has been closed",
    );
    expect(calls.filter((call) => call === "open")).toHaveLength(1);
  });

  test("is closed also when it is still being opened", async () => {
    const { storage, calls } = operated();
    const deadLetters = createDeadLetters({ storage });
    const listed = deadLetters.list();
    await deadLetters.close();
    await listed;
    expect(calls.at(-1)).toBe("close");
  });

  test("needs no closing when it was never opened, or could not be", async () => {
    const { storage, calls } = operated({ failOpening: 1 });
    await createDeadLetters({ storage }).close();
    expect(calls).toEqual([]);
    const deadLetters = createDeadLetters({ storage });
    const listed = deadLetters.list();
    await deadLetters.close();
    await expect(listed).rejects.toThrow(StorageError);
  });
});
