/**
 * The storages in memory, as the conformance cases see them.
 *
 * @module
 */

import {
  createMemoryStorage,
  createSyncMemoryStorage,
  type MemoryControls,
  type MemoryStatement,
  type MemoryStorage,
  type MemoryTransaction,
  type StorageHarness,
  type SyncMemoryStorage,
} from "@mailboat/outbox/testing";

import type { MemoryDatabase } from "../../src/testing/memory_database.ts";
import { StagedTransaction } from "../../src/testing/memory_transaction.ts";
import type { storageOf } from "./broken_storage.ts";

type AnyStorage =
  | MemoryStorage
  | SyncMemoryStorage
  | ReturnType<typeof storageOf>["storage"];

/** What the conformance cases are given. */
export interface MemoryHarness<Storage extends AnyStorage = AnyStorage>
  extends StorageHarness<MemoryTransaction, MemoryStatement> {
  readonly storage: Storage;
  restart(): Promise<MemoryHarness<Storage>>;
}

/** Small, so that pages end early. */
const scanRows = 50;

/** A new database in memory, asynchronous. */
export function createMemoryHarness(): Promise<MemoryHarness<MemoryStorage>> {
  const storage = createMemoryStorage({ scanRows });
  return around({ ...storage, storage }, createMemoryStorage(), storage.batch);
}

/** A new database in memory, with whatever storage is on it. */
export function createBrokenHarness<Storage extends AnyStorage>(
  { storage, db }: {
    readonly storage: Storage;
    readonly db: MemoryDatabase;
  },
): Promise<MemoryHarness<Storage>> {
  const rows = (table: string) => db.tables.get(table) ?? new Map();
  const begin = () => new StagedTransaction(db);
  const kill = () => db.kill();
  const side = { storage, begin, rows, kill };
  return around(side, createMemoryStorage(), () => {});
}

/** A new database in memory, synchronous. */
export function createSyncMemoryHarness(): Promise<MemoryHarness> {
  const storage = createSyncMemoryStorage({ scanRows, watch: false });
  return around({ ...storage, storage }, createSyncMemoryStorage(), () => {
    throw new Error("a synchronous writer makes no statements");
  });
}

/** A database, and what its user does with it. */
interface Side<Storage>
  extends Pick<MemoryControls, "begin" | "rows" | "kill"> {
  readonly storage: Storage;
}

async function around<Storage extends AnyStorage>(
  side: Side<Storage>,
  foreign: MemoryStorage | SyncMemoryStorage,
  batch: (statements: readonly MemoryStatement[]) => void,
): Promise<MemoryHarness<Storage>> {
  await foreign.migrate();
  const harness: MemoryHarness<Storage> = {
    storage: side.storage,
    plainHandle: side.storage,
    transaction: (work) => within(side, work),
    foreignTransaction: (work) => within(foreign, work),
    writeRow: (tx, id) => settled(() => tx.put("rows", id, {})),
    rows: () => settled(() => [...side.rows("rows").keys()]),
    batch: (statements) => settled(() => batch(statements)),
    restart: () => settled(() => side.kill()).then(() => harness),
    close: () => Promise.resolve(),
  };
  return harness;
}

function settled<T>(work: () => T): Promise<T> {
  return new Promise((resolve) => resolve(work()));
}

async function within<T>(
  { begin }: Pick<MemoryControls, "begin">,
  work: (tx: MemoryTransaction) => Promise<T>,
): Promise<T> {
  const tx = begin();
  try {
    const result = await work(tx);
    tx.commit();
    return result;
  } finally {
    tx.rollback();
  }
}
