/**
 * The storages in memory, as the conformance cases see them.
 *
 * @module
 */

import {
  createMemoryStorage,
  createSyncMemoryStorage,
  type MemoryStatement,
  type MemoryStorage,
  type MemoryTransaction,
  type StorageHarness,
  type SyncMemoryStorage,
} from "@mailboat/outbox/testing";

/** What the conformance cases are given. */
export type MemoryHarness = StorageHarness<MemoryTransaction, MemoryStatement>;

/** Small, so that pages end early. */
const scanRows = 50;

/** A new database in memory, asynchronous. */
export function createMemoryHarness(
  disguise: (storage: MemoryStorage) => MemoryStorage = (storage) => storage,
): Promise<MemoryHarness> {
  const storage = disguise(createMemoryStorage({ scanRows }));
  return around(storage, createMemoryStorage(), storage.batch);
}

/** A new database in memory, synchronous. */
export function createSyncMemoryHarness(): Promise<MemoryHarness> {
  const storage = createSyncMemoryStorage({ scanRows, watch: false });
  return around(storage, createSyncMemoryStorage(), () => {
    throw new Error("a synchronous writer makes no statements");
  });
}

async function around(
  storage: MemoryStorage | SyncMemoryStorage,
  foreign: MemoryStorage | SyncMemoryStorage,
  batch: (statements: readonly MemoryStatement[]) => void,
): Promise<MemoryHarness> {
  await foreign.migrate();
  const harness: MemoryHarness = {
    storage,
    plainHandle: storage,
    transaction: (work) => within(storage, work),
    foreignTransaction: (work) => within(foreign, work),
    writeRow: (tx, id) => settled(() => tx.put("rows", id, {})),
    rows: () => settled(() => [...storage.rows("rows").keys()]),
    batch: (statements) => settled(() => batch(statements)),
    // The database is the object: it is opened again by opening stores.
    restart: () => Promise.resolve(harness),
    close: () => Promise.resolve(),
  };
  return harness;
}

function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

async function within<T>(
  storage: MemoryStorage | SyncMemoryStorage,
  work: (tx: MemoryTransaction) => Promise<T>,
): Promise<T> {
  const tx = storage.begin();
  try {
    const result = await work(tx);
    tx.commit();
    return result;
  } finally {
    tx.rollback();
  }
}
