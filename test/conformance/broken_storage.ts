/**
 * A storage in memory with a fault: what the storage cases must notice.
 *
 * @module
 */

import type {
  InboxStorage,
  LetterBox,
  LetterStorage,
  LookRequest,
  NewMessage,
  RecordRequest,
  Sighting,
  Storage,
} from "@mailboat/outbox";
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

/** How an inbox finds what is known of a message. */
export type Look = (
  db: MemoryDatabase,
  tx: unknown,
  request: LookRequest,
) => Sighting;

/** How an inbox records a message. */
export type RecordMessage = (
  db: MemoryDatabase,
  tx: unknown,
  request: RecordRequest,
) => boolean;

/** How letters are kept. */
export type LettersOf = (db: MemoryDatabase) => LetterBox<MemoryTransaction>;

/** What a storage is put together from; sound where nothing is given. */
export interface StorageParts {
  readonly database?: new () => MemoryDatabase;
  readonly store?: new (db: MemoryDatabase) => MemoryStore;
  readonly insert?: Insert;
  readonly look?: Look;
  readonly record?: RecordMessage;
  readonly letters?: LettersOf;
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
  {
    database = MemoryDatabase,
    store = Sound,
    insert = soundly,
    look = lookSoundly,
    record = recordSoundly,
    letters = lettersSoundly,
  }: StorageParts,
): {
  storage:
    & Storage<MemoryTransaction, never>
    & InboxStorage<MemoryTransaction>
    & LetterStorage<MemoryTransaction>;
  db: MemoryDatabase;
} {
  const db = new database();
  const storage: ReturnType<typeof storageOf>["storage"] = {
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
    inbox: {
      look: (tx, request) =>
        new Promise((resolve) => resolve(look(db, tx, request))),
      record: (tx, request) =>
        new Promise((resolve) => resolve(record(db, tx, request))),
    },
    letters: letters(db),
  };
  return { storage, db };
}

/** Inserts as it must be done. */
export const soundly: Insert = (db, tx, messages) =>
  requireTransaction(db, tx).insert(messages);

/** Looks as it must be done. */
export const lookSoundly: Look = (db, tx, request) =>
  requireTransaction(db, tx).look(request);

/** Records as it must be done. */
export const recordSoundly: RecordMessage = (db, tx, request) =>
  requireTransaction(db, tx).record(request);

/** Keeps letters as it must be done. */
export const lettersSoundly: LettersOf = (db) => {
  const entered = (tx: unknown) => requireTransaction(db, tx);
  return {
    put: async (tx, letter, limit) =>
      await entered(tx).changeLetters().put(letter, limit),
    remove: async (tx, letter) =>
      await entered(tx).changeLetters().remove(letter),
    list: async (tx, request) => await entered(tx).letters().list(request),
  };
};

/** A store without a fault, which shows its database to its heirs. */
export class Sound extends MemoryStore {
  protected readonly db: MemoryDatabase;
  constructor(db: MemoryDatabase) {
    super(db, "memory", 50);
    this.db = db;
  }
}
