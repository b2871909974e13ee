/**
 * A storage in memory with a fault: what the storage cases must notice.
 *
 * @module
 */

import type { NewMessage, Storage } from "@mailboat/outbox";
import type { MemoryTransaction } from "@mailboat/outbox/testing";
import { MemoryDatabase } from "../../src/testing/memory_database.ts";
import { MemoryStore } from "../../src/testing/memory_store.ts";
import { requireTransaction } from "../../src/testing/memory_transaction.ts";

/** How messages are stored. */
export type Insert = (
  db: MemoryDatabase,
  tx: unknown,
  messages: readonly NewMessage[],
) => readonly boolean[];

/** A storage with one fault. */
export interface BrokenStorage {
  /** The promise it breaks, and how. */
  readonly fault: string;
  /** A case that must fail. */
  readonly killedBy: string;
  readonly database?: new () => MemoryDatabase;
  readonly store?: new (db: MemoryDatabase) => MemoryStore;
  readonly insert?: Insert;
}

/** The parts of a memory storage, put together with a fault. */
export function storageOf(
  { database = MemoryDatabase, store = Sound, insert = soundly }: BrokenStorage,
): { storage: Storage<MemoryTransaction, never>; db: MemoryDatabase } {
  const db = new database();
  const storage: Storage<MemoryTransaction, never> = {
    migrate: () => Promise.resolve(void (db.migrated = true)),
    open: () =>
      new Promise((resolve) => {
        db.requireTables("open a store");
        resolve(new store(db));
      }),
    writer: {
      insert: (tx, messages) =>
        new Promise((resolve) => resolve(insert(db, tx, messages))),
      statements: () => [],
    },
  };
  return { storage, db };
}

/** Inserts as it must be done. */
export const soundly: Insert = (db, tx, messages) =>
  requireTransaction(db, tx).insert(messages);

/** A store without a fault, which shows its database to its heirs. */
export class Sound extends MemoryStore {
  protected readonly db: MemoryDatabase;
  constructor(db: MemoryDatabase) {
    super(db, "memory", 50);
    this.db = db;
  }
}
