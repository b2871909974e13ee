/**
 * Storage on a SQLite file, through `node:sqlite`: on Node, Deno and Bun, with
 * nothing to install.
 *
 * @module
 */

import type { StorageBase, TurnOptions } from "../mod.ts";
import {
  nodeSqlite,
  type NodeSqliteDatabase,
} from "./node_sqlite/technology.ts";
import type { SqliteStorageOptions } from "./sqlite/storage_options.ts";
import {
  type SyncFileStorage,
  syncFileStorage,
} from "./sqlite/sync_storage.ts";
import {
  type OwnTransactions,
  syncTransactions,
} from "./sqlite/sync_transactions.ts";

export type {
  NodeSqliteDatabase,
  NodeSqliteStatement,
} from "./node_sqlite/technology.ts";
export type { SqliteSyncStorage } from "./sqlite/storage.ts";
export type { PreparedStatement } from "./sqlite/sync_connection.ts";
export type { SqliteStorageOptions } from "./sqlite/storage_options.ts";
export type { SyncFileStorage } from "./sqlite/sync_storage.ts";
export type { OwnTransactions } from "./sqlite/sync_transactions.ts";

/**
 * Creates a storage on the file of a database.
 *
 * The database is asked for its path and otherwise left as it is; the relay
 * gets a connection of its own, with `synchronous=FULL`. It must be in WAL
 * mode: `PRAGMA journal_mode=WAL`, once per file. Nothing waits for a lock but
 * `migrate()`, for up to 5 s, blocking.
 *
 * The handle of a transaction is the database itself, between `BEGIN
 * IMMEDIATE` and `COMMIT`; `storage.transaction` writes both.
 *
 * @throws {InputError} `INVALID_OPTION` for a prefix that is not an
 * identifier, and for what is no database.
 *
 * @example
 * ```ts
 * import { DatabaseSync } from "node:sqlite";
 *
 * const db = new DatabaseSync("app.db");
 * db.exec("PRAGMA journal_mode=WAL");
 * const storage = nodeSqliteStorage(db);
 * await storage.migrate();
 * const outbox = createOutbox({ storage });
 *
 * storage.transaction((tx) => {
 *   tx.prepare("INSERT INTO reading VALUES (?, ?)").run("m-1", 4.2);
 *   outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2 }));
 * });
 * ```
 */
export function nodeSqliteStorage<Database extends NodeSqliteDatabase>(
  database: Database,
  options?: SqliteStorageOptions,
): SyncFileStorage<Database>;

/**
 * Creates a storage on the file at a path or `file:` URL, for a relay or an
 * operator: it has no writer. `migrate()` creates the file and sets WAL mode.
 *
 * No other driver may have the file open in the same process: commits would be
 * lost, as two copies of SQLite in it do not see each other's locks.
 *
 * @throws {InputError} `INVALID_OPTION` for a prefix that is not an
 * identifier, a database in memory, or a remote one.
 */
export function nodeSqliteStorage(
  path: string,
  options?: SqliteStorageOptions,
): StorageBase;

export function nodeSqliteStorage(
  database: NodeSqliteDatabase | string,
  options: SqliteStorageOptions = {},
): SyncFileStorage<NodeSqliteDatabase> | StorageBase {
  return syncFileStorage(nodeSqlite, database, options);
}

/**
 * Runs work in write transactions on the file at a path, for `createConsumer`:
 * they take turns, on a connection of their own, and wait for a lock that
 * others hold, without blocking.
 *
 * While a handler awaits something, the lock is held: whatever else the process
 * writes, on other connections, finds the database busy.
 *
 * @throws {InputError} `INVALID_OPTION` for what is no path, or an option that
 * is out of range.
 *
 * @example
 * ```ts
 * import type { DatabaseSync } from "node:sqlite";
 *
 * const database = nodeSqliteTransactions<DatabaseSync>("app.db");
 * await database.transaction(async (tx) => {
 *   tx.exec("INSERT INTO reading VALUES ('m-1', 4.2)");
 * });
 * ```
 */
export function nodeSqliteTransactions<
  Database extends NodeSqliteDatabase = NodeSqliteDatabase,
>(path: string, options: TurnOptions = {}): OwnTransactions<Database> {
  return syncTransactions(nodeSqlite, path, options);
}
