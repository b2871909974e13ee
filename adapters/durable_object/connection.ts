/**
 * The one connection that an object has to its database: the user's
 * transactions and the relay share it, on one thread.
 *
 * @module
 */

import { StorageError } from "../../mod.ts";
import { decimal } from "../sqlite/decimal.ts";
import {
  rowOf,
  type SqliteDriver,
  type SqlOutcome,
  type SqlRow,
  type SqlStatement,
} from "../sqlite/driver.ts";
import { returnsRows } from "../sqlite/sync_connection.ts";
import { settled } from "../sqlite/settled.ts";
import type { DurableObjectStorageLike } from "./platform.ts";
import { DurableObjectTransaction } from "./transaction.ts";

/** What is done on the database of an object. */
export class ObjectConnection implements SqliteDriver {
  /**
   * Where a transaction is open that was begun here, and how it is run: of the
   * one connection that an object has, whoever made a storage on it.
   */
  static readonly #open = new WeakMap<
    DurableObjectStorageLike,
    "at once" | "awaiting"
  >();
  readonly #storage: DurableObjectStorageLike;

  /** Takes the storage of an object as it is. */
  constructor(storage: DurableObjectStorageLike) {
    this.#storage = storage;
  }

  /**
   * Whether one is open that was begun here. The platform tells of none: after
   * the end of any other, what is written would be written by itself.
   */
  get isTransaction(): boolean {
    return ObjectConnection.#open.has(this.#storage);
  }

  /** Runs one statement. */
  run(statement: SqlStatement): SqlOutcome {
    const rows = this.#rows(statement);
    if (returnsRows(statement)) return { rows, changes: rows.length };
    const [count] = this.#rows({ sql: `SELECT changes() "changed"`, args: [] });
    return { rows, changes: Number(count?.["changed"]) };
  }

  /** Statements of a transaction that is open: all of them, or none and an error. */
  together<T>(work: () => T): T {
    return this.#storage.transactionSync(work);
  }

  async query(statement: SqlStatement): Promise<readonly SqlRow[]> {
    this.requireFree("read");
    return await this.#rows(statement);
  }

  async transact(
    statements: readonly SqlStatement[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    this.requireFree("write");
    return await this.together(() => statements.map((it) => this.#rows(it)));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  /** Runs work that begins a transaction and ends it: one that is open meanwhile. */
  watched<T>(work: () => T): T {
    this.requireFree("run a transaction");
    const open = ObjectConnection.#open;
    // Within another one, it ends before that.
    if (open.has(this.#storage)) return work();
    open.set(this.#storage, "at once");
    try {
      return work();
    } finally {
      open.delete(this.#storage);
    }
  }

  /** Runs a user's work in a transaction. */
  transaction<T>(work: (tx: DurableObjectTransaction) => T): T {
    const tx = new DurableObjectTransaction(this.#storage);
    try {
      return this.watched(() => this.together(() => settled(work(tx))));
    } finally {
      tx.end();
    }
  }

  /** Runs a user's work in a transaction, though it awaits something. */
  async awaitedTransaction(
    work: (tx: DurableObjectTransaction) => Promise<void>,
  ): Promise<void> {
    const storage = this.#storage;
    const tx = new DurableObjectTransaction(storage);
    let isOurs = false;
    try {
      await storage.transaction(async () => {
        this.requireFree("run a transaction");
        ObjectConnection.#open.set(storage, "awaiting");
        isOurs = true;
        try {
          await work(tx);
        } finally {
          tx.end();
        }
      });
    } finally {
      if (isOurs) ObjectConnection.#open.delete(storage);
    }
  }

  /**
   * Fails with `STORAGE_BUSY` while a transaction awaits something: there is no
   * second view of the database, and what is open would be read as committed.
   */
  requireFree(action: string): void {
    if (ObjectConnection.#open.get(this.#storage) !== "awaiting") return;
    throw new StorageError(
      "STORAGE_BUSY",
      `Cannot ${action} as no transaction of the object must be open: ` +
        "current value is one that awaits something",
    );
  }

  #rows({ sql, args }: SqlStatement): readonly SqlRow[] {
    const bound = decimal({ sql, args });
    const cursor = this.#storage.sql.exec(bound.sql, ...bound.args);
    return cursor.toArray().map((row) => rowOf(row));
  }
}
