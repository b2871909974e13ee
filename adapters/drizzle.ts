/**
 * Storage through `drizzle-orm`, over the storage of the driver beneath it.
 *
 * @module
 */

import type { SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import {
  type InboxStorage,
  InputError,
  shorten,
  type Storage,
  type StorageBase,
  type SyncWriter,
} from "../mod.ts";
import { batchItems } from "./drizzle/batch_item.ts";
import {
  clientOf,
  isSync,
  scriptableOf,
  sessionOf,
} from "./drizzle/internals.ts";
import { queryOf } from "./drizzle/query.ts";
import {
  type DrizzleSyncDatabase,
  type DrizzleSyncStorage,
  drizzleSyncStorage,
  type DrizzleSyncTransaction,
} from "./drizzle/sync.ts";
import { type LibsqlResult, outcomeOf } from "./libsql/result.ts";
import { scriptsOn } from "./libsql/script.ts";
import { batchStorageOver } from "./sqlite/batch_storage.ts";
import type { SqlStatement } from "./sqlite/driver.ts";
import { refusedTransaction } from "./sqlite/errors.ts";
import { foundationOf } from "./sqlite/foundation.ts";
import { type SqliteStorage, storageOver } from "./sqlite/storage.ts";
import type { Run } from "./sqlite/transaction.ts";

export {
  drizzleTransactions,
  type TransactingDatabase,
} from "./drizzle/transactions.ts";
export type {
  DrizzleSyncDatabase,
  DrizzleSyncStorage,
  DrizzleSyncTransaction,
} from "./drizzle/sync.ts";
export type { LibsqlResult } from "./libsql/result.ts";
export type {
  ClosableTransaction,
  TransactingClient,
} from "./libsql/transactions.ts";
export type { SyncTransacting } from "./sqlite/settled.ts";
export type { SqliteStorage, SqliteSyncStorage } from "./sqlite/storage.ts";

/** An item for `db.batch`. It runs when it is awaited: hand it over as it is. */
export type DrizzleStatement = BatchItem<"sqlite">;

/** What Mailboat asks of a database: items for its batch. */
export interface DrizzleDatabase {
  /** Makes an item for `db.batch`. */
  run(query: SQL): DrizzleStatement;
  /** Runs work in a transaction. */
  transaction(work: never): unknown;
}

/** What Mailboat asks of a transaction. A database has no `rollback`: it does not fit. */
export interface DrizzleTransaction {
  /** Runs one statement in the transaction. */
  run(query: SQL): Promise<LibsqlResult>;
  /** Ends the transaction; Mailboat leaves that to its owner. */
  rollback(): never;
}

/**
 * Creates a storage on a drizzle database, from the storage of the driver
 * beneath: `libsqlStorage(db.$client)`. That one opens,
 * migrates and watches; messages are enqueued in `db.transaction`, or through
 * `prepare` in `db.batch`.
 *
 * Call `migrate()` at the start, also where drizzle-kit made the tables: it
 * then adds the two rows that they begin with. The tables of
 * `@mailboat/outbox/drizzle/schema` have the default prefix.
 *
 * @throws {InputError} `INVALID_OPTION` for a storage that is not on SQLite.
 *
 * @example
 * ```ts
 * const db = drizzle("file:app.db");
 * await db.run("PRAGMA journal_mode=WAL");
 * const storage = drizzleStorage(db, libsqlStorage(db.$client));
 * await storage.migrate();
 * const outbox = createOutbox({ storage });
 *
 * await db.transaction(async (tx) => {
 *   await tx.insert(readings).values({ meter: "m-1", kwh: 4.2 });
 *   await outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2 }));
 * });
 * ```
 */
export function drizzleStorage(
  db: DrizzleDatabase,
  storage: Storage<never, unknown> & InboxStorage<never>,
): SqliteStorage<DrizzleTransaction, DrizzleStatement>;

/**
 * Creates a storage on a drizzle database whose driver answers at once, from
 * the storage of that driver: `nodeSqliteStorage(db.$client)`,
 * `betterSqlite3Storage(db.$client)`, `bunSqliteStorage(db.$client)`,
 * `durableObjectStorage(db.$client)`.
 *
 * In `db.transaction` itself a callback must not be `async`: some drivers
 * commit at its first `await`, and roll nothing back. `storage.transaction`
 * refuses it, and so does `enqueue` what comes after that commit.
 *
 * A Durable Object does not tell whether a transaction is open. There `enqueue`
 * takes those of `storage.transaction`, and refuses those that `db.transaction`
 * began with `TRANSACTION_FINISHED`.
 *
 * @throws {InputError} `INVALID_OPTION` for a storage that is not on SQLite, or
 * not on `db.$client`.
 */
export function drizzleStorage<Tx extends DrizzleSyncTransaction>(
  db: DrizzleSyncDatabase<Tx>,
  storage: StorageBase & { readonly writer: SyncWriter<never> },
): DrizzleSyncStorage<Tx>;

/**
 * Creates a storage on a drizzle database whose driver has batches only, from
 * the storage of that driver: `d1Storage(db.$client)`.
 *
 * What `prepare` makes goes into `db.batch`, beside drizzle's own items;
 * `enqueue` does not compile, and is refused with `NOT_A_TRANSACTION`.
 *
 * @throws {InputError} `INVALID_OPTION` for a storage that is not on SQLite, or
 * not on `db.$client`.
 */
export function drizzleStorage(
  db: DrizzleDatabase,
  storage: Storage<never, unknown>,
): Storage<never, DrizzleStatement>;

export function drizzleStorage(
  db: DrizzleDatabase | DrizzleSyncDatabase<DrizzleSyncTransaction>,
  storage: StorageBase,
):
  | SqliteStorage<DrizzleTransaction, DrizzleStatement>
  | DrizzleSyncStorage<DrizzleSyncTransaction>
  | Storage<never, DrizzleStatement> {
  const foundation = foundationOf(storage);
  if (foundation === undefined) throw refusedStorage(shorten(storage));
  if (typeof db?.transaction !== "function") throw refusedDatabase(db);
  const { outbox, ground, batches } = foundation;
  const beneath = ground ?? batches;
  if (beneath !== undefined && beneath.client !== clientOf(db)) {
    throw refusedStorage(STRANGER);
  }
  if (ground !== undefined) {
    return drizzleSyncStorage(outbox, {
      db: db as DrizzleSyncDatabase<DrizzleSyncTransaction>,
      ground,
    });
  }
  // Such a database would run what is only to be made for a batch.
  if (isSync(db)) throw refusedStorage(PROMISING);
  const asyncDb = db as DrizzleDatabase;
  if (batches !== undefined) {
    return batchStorageOver(outbox, {
      ground: batches,
      statementOf: batchItems(asyncDb, batches),
      batch: "db.batch()",
    });
  }
  return storageOver<DrizzleTransaction, DrizzleStatement>(outbox, {
    enter,
    statementOf: (statement) => asyncDb.run(queryOf(statement)),
    connectionOf,
  });
}

function enter(tx: DrizzleTransaction, action: string): Run {
  const isOne = typeof tx?.run === "function" &&
    typeof tx.rollback === "function";
  if (!isOne) {
    throw refusedTransaction("NOT_A_TRANSACTION", action, shorten(tx));
  }
  // It has committed by the time that a result is awaited.
  if (isSync(tx)) {
    throw refusedTransaction(
      "FOREIGN_TRANSACTION",
      action,
      "a transaction of a driver that answers at once",
    );
  }
  const run = async (statement: SqlStatement) =>
    outcomeOf(await tx.run(queryOf(statement)));
  const beneath = scriptableOf(tx);
  return beneath === undefined
    ? run
    : Object.assign(run, { script: scriptsOn(beneath) });
}

/** A transaction within another one, a savepoint, has the same session. */
function connectionOf(tx: DrizzleTransaction): object {
  return sessionOf(tx) ?? tx;
}

const STRANGER = "a storage of another database than db.$client";
const PROMISING = "a storage whose driver promises its answers";

function refusedDatabase(found: unknown): InputError {
  return new InputError("INVALID_OPTION", {
    action: "create a storage",
    field: "db",
    required: "a database of drizzle-orm on SQLite",
    found: shorten(found),
  });
}

function refusedStorage(found: string): InputError {
  return new InputError("INVALID_OPTION", {
    action: "create a storage",
    field: "storage",
    required: "the storage of the driver beneath, as libsqlStorage(db.$client)",
    found,
  });
}
