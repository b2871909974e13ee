/**
 * The storage harness: what the conformance cases need to know about a
 * database beside the contract.
 *
 * @module
 */

import type { ErrorCode, Storage, SyncStorage } from "../../../mod.ts";

/** A storage on a database of its own, and the user's side of that database. */
export interface StorageHarness<Tx, Statement = never> {
  /** The storage under test. */
  readonly storage: Storage<Tx, Statement> | SyncStorage<Tx>;
  /** The database handle that a user would mistake for a transaction. */
  readonly plainHandle: unknown;
  /**
   * Runs work in a transaction of the user: commits when it resolves, rolls
   * back and rethrows when it rejects. While another transaction is open this
   * may fail, but must not wait for it. Where the database takes the lock from
   * one that keeps others waiting, that one rejects with `TRANSACTION_FINISHED`.
   */
  transaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /**
   * Runs work in a transaction on another database of the same kind, which
   * has an outbox too.
   */
  foreignTransaction<T>(work: (tx: Tx) => Promise<T>): Promise<T>;
  /** Writes a business row in a transaction, and so takes the write lock. */
  writeRow(tx: Tx, id: string): Promise<void>;
  /** The ids of the committed business rows, in any order. */
  rows(): Promise<readonly string[]>;
  /**
   * Runs statements of the writer as one batch. Never called where the writer
   * is synchronous, as that makes no statements.
   */
  batch(statements: readonly Statement[]): Promise<void>;
  /**
   * Opens the same database as another process finds it after this one was
   * killed just now, in the middle of whatever it was doing; then closes
   * everything of its own.
   */
  restart(): Promise<StorageHarness<Tx, Statement>>;
  /** Closes and removes everything. */
  close(): Promise<void>;
}

/**
 * How a transaction that is over is refused: where the database itself is the
 * handle, it is one without a transaction again.
 */
export function refusalOfFinished(
  { plainHandle }: Pick<StorageHarness<never>, "plainHandle">,
  leaked: unknown,
): ErrorCode {
  return leaked === plainHandle ? "NOT_A_TRANSACTION" : "TRANSACTION_FINISHED";
}

/** Makes a harness around a new, empty database without an outbox. */
export type CreateStorageHarness<Tx, Statement = never> = () => Promise<
  StorageHarness<Tx, Statement>
>;
