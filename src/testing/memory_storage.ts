/**
 * The storage contract in memory: the reference for adapter authors, and the
 * database of tests that need none.
 *
 * It keeps the rules of SQLite: one writer at a time, readers never wait, a
 * read sees what is committed. Nothing survives the process.
 *
 * @module
 */

import {
  type ExpiredMessage,
  type FailureRecord,
  type InboxStorage,
  InputError,
  type LetterStorage,
  type Message,
  type NewMessage,
  shorten,
  type Storage,
  type StorageBase,
  type SyncInboxStorage,
  type SyncStorage,
  type Transactions,
} from "../../mod.ts";
import { checkedNumber, readOptions } from "../logic/options.ts";
import {
  type ArchivedMessage,
  copyOf,
  copyOfKept,
  MemoryDatabase,
  type MemoryRow,
} from "./memory_database.ts";
import { failuresBySeq } from "./memory_queries.ts";
import { MemoryStore } from "./memory_store.ts";
import {
  type MemoryTransaction,
  requireTransaction,
  StagedTransaction,
} from "./memory_transaction.ts";

/** One write, for {@link MemoryStorage.batch}. */
export type MemoryStatement =
  | { readonly insert: NewMessage }
  | {
    readonly put: {
      readonly table: string;
      readonly id: string;
      readonly row: MemoryRow;
    };
  };

/** How a memory storage behaves. */
export interface MemoryStorageOptions {
  /**
   * Names the outbox.
   *
   * @default {"memory"}
   */
  readonly identity?: string;
  /**
   * How many rows one read looks at, at most; small values prove that a page
   * may be empty without being the last.
   *
   * @default {1000}
   */
  readonly scanRows?: number;
  /**
   * Whether the storage hints at changes; without, a relay must find them.
   *
   * @default {true}
   */
  readonly watch?: boolean;
}

/** What is stored, for checks. */
export interface MemorySnapshot {
  /** Every message ever committed, in commit order. */
  readonly committed: readonly Message[];
  /** Those that are not delivered, dead ones included, by ascending sequence. */
  readonly messages: readonly Message[];
  /** The failure records, by ascending sequence. */
  readonly failures: readonly FailureRecord[];
  /** Delivered messages that are kept, in the order of their settlement. */
  readonly archive: readonly ArchivedMessage[];
  /** Expired messages that are kept, in the order of their settlement. */
  readonly expired: readonly ExpiredMessage[];
}

/** What tests do with a memory storage, beside the contract. */
export interface MemoryControls {
  /** Begins a transaction. */
  begin(): MemoryTransaction;
  /** The committed business rows of a table, by id. */
  rows(table: string): ReadonlyMap<string, MemoryRow>;
  /** A copy of what is committed. */
  snapshot(): MemorySnapshot;
  /**
   * Kills the process: transactions that are open end without a commit, and
   * open stores are closed. The next one goes on with this storage.
   */
  kill(): void;
  /** Switches the machine off and on: stores opened from now on name another boot. */
  reboot(): void;
}

/** A {@link Storage} in memory. */
export interface MemoryStorage
  extends
    Storage<MemoryTransaction, MemoryStatement>,
    InboxStorage<MemoryTransaction>,
    LetterStorage<MemoryTransaction>,
    Transactions<MemoryTransaction>,
    MemoryControls {
  /** Runs the statements in one transaction: all of them, or none and an error. */
  batch(statements: readonly MemoryStatement[]): void;
}

/** A {@link SyncStorage} in memory. */
export interface SyncMemoryStorage
  extends
    SyncStorage<MemoryTransaction>,
    SyncInboxStorage<MemoryTransaction>,
    MemoryControls {}

/**
 * Creates an empty storage; `migrate()` it before use, like any other.
 *
 * @example
 * ```ts
 * const storage = createMemoryStorage();
 * await storage.migrate();
 * const tx = storage.begin();
 * tx.put("meters", "m-1", { kwh: 4.2 });
 * await outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2 }));
 * tx.commit();
 * ```
 */
export function createMemoryStorage(
  options: MemoryStorageOptions = {},
): MemoryStorage {
  const db = new MemoryDatabase();
  return {
    ...base(db, options),
    ...controls(db),
    writer: {
      insert: (tx, messages) =>
        new Promise((resolve) =>
          resolve(requireTransaction(db, tx).insert(messages))
        ),
      statements: (messages) =>
        messages.map((message) => ({ insert: copyOf(message) })),
    },
    inbox: {
      look: (tx, request) =>
        new Promise((resolve) => resolve(receiving(db, tx).look(request))),
      record: (tx, request) =>
        new Promise((resolve) => resolve(receiving(db, tx).record(request))),
    },
    letters: {
      put: (tx, letter, limit) =>
        new Promise((resolve) =>
          resolve(settingAside(db, tx).changeLetters().put(letter, limit))
        ),
      remove: (tx, letter) =>
        new Promise((resolve) =>
          resolve(settingAside(db, tx).changeLetters().remove(letter))
        ),
      list: (tx, request) =>
        new Promise((resolve) =>
          resolve(settingAside(db, tx).letters().list(request))
        ),
    },
    takesTurns: true,
    transaction: (work) => inTransaction(db, work),
    batch: (statements) => runBatch(db, statements),
  };
}

/**
 * Creates an empty storage whose writer is synchronous.
 *
 * @example
 * ```ts
 * const storage = createSyncMemoryStorage({ watch: false });
 * await storage.migrate();
 * ```
 */
export function createSyncMemoryStorage(
  options: MemoryStorageOptions = {},
): SyncMemoryStorage {
  const db = new MemoryDatabase();
  return {
    ...base(db, options),
    ...controls(db),
    writer: {
      insertSync: (tx, messages) => requireTransaction(db, tx).insert(messages),
    },
    inbox: {
      lookSync: (tx, request) => receiving(db, tx).look(request),
      recordSync: (tx, request) => receiving(db, tx).record(request),
    },
  };
}

function settingAside(db: MemoryDatabase, tx: unknown): StagedTransaction {
  return requireTransaction(db, tx, "set a message aside");
}

async function inTransaction(
  db: MemoryDatabase,
  work: (tx: MemoryTransaction) => Promise<void>,
): Promise<void> {
  const tx = new StagedTransaction(db);
  try {
    await work(tx);
    tx.commit();
  } finally {
    tx.rollback();
  }
}

function receiving(db: MemoryDatabase, tx: unknown): StagedTransaction {
  return requireTransaction(db, tx, "accept a message");
}

const action = "create a memory storage";

function checkedOptions(
  options: MemoryStorageOptions,
): Required<MemoryStorageOptions> {
  const { identity = "memory", watch = true } = options;
  const scanRows = checkedNumber({
    action,
    option: "scanRows",
    value: options.scanRows,
    default: 1_000,
    min: 1,
  });
  if (typeof identity === "string" && typeof watch === "boolean") {
    return { identity, scanRows, watch };
  }
  throw new InputError("INVALID_OPTION", {
    action,
    field: typeof identity === "string" ? "watch" : "identity",
    required: typeof identity === "string" ? "true or false" : "a string",
    found: shorten(typeof identity === "string" ? watch : identity),
  });
}

function base(db: MemoryDatabase, options: MemoryStorageOptions): StorageBase {
  const { identity, scanRows, watch } = readOptions(
    { action, options },
    checkedOptions,
  );
  return {
    migrate: () => {
      db.migrated = true;
      return Promise.resolve();
    },
    open: () =>
      new Promise((resolve) => {
        db.requireTables("open a store");
        resolve(new MemoryStore(db, identity, scanRows));
      }),
    ...(watch ? { watch: (onChange) => db.watch(onChange) } : {}),
  };
}

function controls(db: MemoryDatabase): MemoryControls {
  return {
    begin: () => new StagedTransaction(db),
    kill: () => db.kill(),
    reboot: () => void db.boots++,
    rows: (table) => structuredClone(db.tables.get(table) ?? new Map()),
    snapshot: () => ({
      committed: db.committed.map(copyOf),
      messages: [...db.messages.values()].map(copyOf),
      failures: failuresBySeq(db),
      archive: db.archive.map(copyOfKept),
      expired: db.expired.map(copyOfKept),
    }),
  };
}

function runBatch(
  db: MemoryDatabase,
  statements: readonly MemoryStatement[],
): void {
  const tx = new StagedTransaction(db);
  try {
    for (const statement of statements) {
      if ("insert" in statement) tx.insert([statement.insert]);
      else tx.put(statement.put.table, statement.put.id, statement.put.row);
    }
    tx.commit();
  } finally {
    tx.rollback();
  }
}
