/**
 * What the platform gives a Durable Object whose class keeps SQLite.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";

/** The rows of a statement. */
export interface DurableObjectCursor {
  /** All rows that are left. */
  toArray(): readonly unknown[];
}

/** `ctx.storage.sql`. */
export interface DurableObjectSql {
  /** Runs a statement. */
  exec(query: string, ...bindings: readonly unknown[]): DurableObjectCursor;
}

/** What Mailboat asks of `ctx.storage`. */
export interface DurableObjectStorageLike {
  /** The database of the object. */
  readonly sql: DurableObjectSql;
  /** Runs work in a transaction, which ends with it. */
  transactionSync<T>(work: () => T): T;
  /** Runs work in a transaction; the object does nothing else meanwhile. */
  transaction<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when what was written is safe. */
  sync(): Promise<void>;
}

/**
 * Fails for what is no storage of an object with SQLite.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function requireStorage(
  action: string,
  value: unknown,
): asserts value is DurableObjectStorageLike {
  let found = shorten(value);
  let cause: unknown;
  try {
    const storage = value as Partial<DurableObjectStorageLike> | null;
    const isOne = typeof storage?.transactionSync === "function" &&
      typeof storage.transaction === "function" &&
      typeof storage.sync === "function" &&
      typeof storage.sql?.exec === "function";
    if (isOne) return;
  } catch (thrown) {
    // The storage of another class refuses to be asked for its SQL.
    found = "the storage of a class without SQLite";
    cause = thrown;
  }
  throw new InputError("INVALID_OPTION", {
    action,
    field: "storage",
    required: "ctx.storage of a class listed in new_sqlite_classes",
    found,
    cause,
  });
}
