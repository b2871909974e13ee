/**
 * The storage contract: what a database adapter promises to those who write.
 *
 * The **writer** runs inside the user's transaction; the relay and operators
 * open a {@link Store}, on a connection of their own.
 *
 * @module
 */

import type { NewMessage } from "./message.ts";
import type { Store } from "./store.ts";

/** Stores messages through the user's own transaction. */
export interface Writer<Tx, Statement> {
  /**
   * Inserts messages, in order, on the caller's transaction.
   *
   * **Promises** that the rows commit or roll back with `tx`, and to tell for
   * each message whether it was stored (`false`: its chosen id is there already).
   * **May fail with** `NOT_A_TRANSACTION`, `TRANSACTION_FINISHED`,
   * `FOREIGN_TRANSACTION`, or a {@link StorageError}; then none is stored.
   * **Must not** commit, roll back, or touch any other connection's data.
   */
  insert(tx: Tx, messages: readonly NewMessage[]): Promise<readonly boolean[]>;

  /**
   * The same insert as statements, for batch APIs without an interactive transaction.
   *
   * **Promises** that running them in one batch stores the messages in order.
   * **May fail with** `PAYLOAD_TOO_LARGE` where no row of the database holds a
   * message.
   * **Must not** execute anything.
   */
  statements(messages: readonly NewMessage[]): readonly Statement[];
}

/** The writer of a synchronous driver: the insert has happened when it returns. */
export interface SyncWriter<Tx> {
  /**
   * Inserts messages, in order, on the caller's transaction.
   *
   * **Promises** what {@link Writer.insert} promises, before it returns.
   * **May fail with** the same errors, thrown.
   * **Must not** return a promise.
   */
  insertSync(tx: Tx, messages: readonly NewMessage[]): readonly boolean[];
}

/** What both kinds of storage share. */
export interface StorageBase {
  /**
   * Creates or upgrades the tables.
   *
   * **Promises** idempotence, also when several processes call it at once.
   * **May fail with** `STORAGE_NEWER` when a newer Mailboat made the tables,
   * `STORAGE_NOT_WAL`, `STORAGE_NETWORK_FILE`, `STORAGE_READ_ONLY`, or another
   * {@link StorageError}; `DEPENDENCY_MISSING` without its driver;
   * an upgrade is then applied whole or not at all.
   * **Must not** change any other table, or any setting of a database that
   * somebody else opened.
   */
  migrate(): Promise<void>;

  /**
   * Opens a connection for the relay or an operator.
   *
   * **Promises** a connection that the caller owns, on migrated tables.
   * **May fail with** `STORAGE_NOT_MIGRATED`, `STORAGE_NEWER`,
   * `STORAGE_NOT_WAL`, `STORAGE_NETWORK_FILE`, `STORAGE_READ_ONLY`, or another
   * {@link StorageError}; `DEPENDENCY_MISSING` without its driver.
   * **Must not** show what a transaction of the user has not committed.
   */
  open(): Promise<Store>;

  /**
   * A hint that something may have been committed, by any process. Omitting
   * it, or missing a change, costs latency up to the relay's poll interval,
   * never correctness. Returns a function that ends the watch.
   */
  watch?(onChange: () => void): () => void;
}

/** A storage adapter over an asynchronous driver. */
export interface Storage<Tx, Statement = never> extends StorageBase {
  /** Stores messages through the user's transaction. */
  readonly writer: Writer<Tx, Statement>;
}

/** A storage adapter over a synchronous driver. */
export interface SyncStorage<Tx> extends StorageBase {
  /** Stores messages through the user's transaction. */
  readonly writer: SyncWriter<Tx>;
}
