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
import type { Guarantee } from "./guarantees.ts";

/** How messages are stored. */
export type Insert = (
  db: MemoryDatabase,
  tx: unknown,
  messages: readonly NewMessage[],
) => readonly boolean[];

/** What a storage is put together from; sound where nothing is given. */
export interface StorageParts {
  readonly database?: new () => MemoryDatabase;
  readonly store?: new (db: MemoryDatabase) => MemoryStore;
  readonly insert?: Insert;
}

/** A storage with one fault. */
export interface BrokenStorage extends StorageParts {
  /** What it breaks. */
  readonly guarantee: Guarantee;
  /** How. */
  readonly fault: string;
  /** A case that must fail. */
  readonly killedBy: string;
}

/** Puts a memory storage together. */
export function storageOf(
  { database = MemoryDatabase, store = Sound, insert = soundly }: StorageParts,
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
