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

/** What the conformance cases are given. */
export interface MemoryHarness
  extends StorageHarness<MemoryTransaction, MemoryStatement> {
  readonly storage:
    | MemoryStorage
    | SyncMemoryStorage
    | ReturnType<typeof storageOf>["storage"];
  restart(): Promise<MemoryHarness>;
}

/** Small, so that pages end early. */
const scanRows = 50;

/** A new database in memory, asynchronous. */
export function createMemoryHarness(): Promise<MemoryHarness> {
  const storage = createMemoryStorage({ scanRows });
  return around({ ...storage, storage }, createMemoryStorage(), storage.batch);
}

/** A new database in memory, with whatever storage is on it. */
export function createBrokenHarness(
  { storage, db }: {
    readonly storage: MemoryHarness["storage"];
    readonly db: MemoryDatabase;
  },
): Promise<MemoryHarness> {
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
interface Side extends Pick<MemoryControls, "begin" | "rows" | "kill"> {
  readonly storage: MemoryHarness["storage"];
}

async function around(
  side: Side,
  foreign: MemoryStorage | SyncMemoryStorage,
  batch: (statements: readonly MemoryStatement[]) => void,
): Promise<MemoryHarness> {
  await foreign.migrate();
  const harness: MemoryHarness = {
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
  { begin }: Pick<Side, "begin">,
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
