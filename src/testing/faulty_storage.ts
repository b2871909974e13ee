/**
 * A storage whose stores fail to order: before an operation had its effect,
 * after it, or because the database is busy.
 *
 * @module
 */

import {
  readOptions,
  type StorageBase,
  StorageError,
  type Store,
} from "../../mod.ts";

/** An operation that can be made to fail: opening a store, or a method of it. */
export type StoreOperation =
  | "open"
  | Exclude<keyof Store, "identity" | "durability" | "boot" | "close">;

/**
 * What happens to one call. `before` and `after` both raise `STORAGE_FAILED`,
 * which leaves the caller in doubt; `busy` raises `STORAGE_BUSY`, before any effect.
 */
export type StorageFault = "ok" | "before" | "after" | "busy";

/** Decides the fate of the `n`th call of an operation, over all stores, from 1. */
export type StorageFaultRule = (
  operation: StoreOperation,
  n: number,
) => StorageFault;

/** Any storage, whatever its writer. */
export type StorageWith<W> = StorageBase & { readonly writer: W };

/**
 * Wraps a storage. Its writer, `migrate()`, `watch()` and `close()` do not fail.
 *
 * @example
 * ```ts
 * const faulty = createFaultyStorage(storage, (operation, n) =>
 *   operation === "settle" && n === 2 ? "after" : "ok");
 * const relay = createRelay({ storage: faulty, transport });
 * ```
 */
export function createFaultyStorage<W>(
  storage: StorageWith<W>,
  rule: StorageFaultRule,
): StorageWith<W> {
  return readOptions(
    { action: "create a faulty storage", options: storage },
    () => faulty(storage, rule),
  );
}

function faulty<W>(
  storage: StorageWith<W>,
  rule: StorageFaultRule,
): StorageWith<W> {
  const attempt = faultyAttempts(rule);
  const watch = storage.watch?.bind(storage);
  return {
    writer: storage.writer,
    migrate: () => storage.migrate(),
    open: () =>
      attempt("open", async () => {
        const store = await storage.open();
        return faultyStore(store, attempt);
      }, (store) => store.close()),
    ...(watch === undefined ? {} : { watch }),
  };
}

type Attempt = <T>(
  operation: StoreOperation,
  work: () => Promise<T>,
  undo?: (result: T) => Promise<void>,
) => Promise<T>;

function faultyAttempts(rule: StorageFaultRule): Attempt {
  const calls = new Map<StoreOperation, number>();
  return async (operation, work, undo) => {
    const n = (calls.get(operation) ?? 0) + 1;
    calls.set(operation, n);
    const fault = rule(operation, n);
    if (fault === "busy") {
      throw new StorageError(
        "STORAGE_BUSY",
        `Cannot ${operation} as the rule for call ${n} says busy`,
      );
    }
    if (fault === "before") throw failure(operation, n, fault);
    const result = await work();
    if (fault === "ok") return result;
    await undo?.(result);
    throw failure(operation, n, fault);
  };
}

function faultyStore(store: Store, attempt: Attempt): Store {
  return {
    identity: store.identity,
    durability: store.durability,
    boot: store.boot,
    survey: () => attempt("survey", () => store.survey()),
    acquire: (request) => attempt("acquire", () => store.acquire(request)),
    failures: (request) => attempt("failures", () => store.failures(request)),
    read: (request) => attempt("read", () => store.read(request)),
    readLane: (request) => attempt("readLane", () => store.readLane(request)),
    makeDurable: () => attempt("makeDurable", () => store.makeDurable()),
    settle: (request) => attempt("settle", () => store.settle(request)),
    prune: (request) => attempt("prune", () => store.prune(request)),
    forgetPositions: (request) =>
      attempt("forgetPositions", () => store.forgetPositions(request)),
    listDead: (request) => attempt("listDead", () => store.listDead(request)),
    listExpired: (request) =>
      attempt("listExpired", () => store.listExpired(request)),
    retryDead: (filter) => attempt("retryDead", () => store.retryDead(filter)),
    discardDead: (filter) =>
      attempt("discardDead", () => store.discardDead(filter)),
    close: () => store.close(),
  };
}

function failure(
  operation: StoreOperation,
  n: number,
  fault: "before" | "after",
): StorageError {
  return new StorageError(
    "STORAGE_FAILED",
    `Cannot ${operation} as the rule for call ${n} says to fail ${fault} its effect`,
  );
}
