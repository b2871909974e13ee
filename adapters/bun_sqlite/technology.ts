/**
 * Databases of `bun:sqlite`.
 *
 * @module
 */

import { dependency } from "../../mod.ts";
import type {
  PreparedStatement,
  SyncDatabase,
} from "../sqlite/sync_connection.ts";
import type { SyncTechnology } from "../sqlite/sync_storage.ts";

/** What Mailboat asks of a `Database`. */
export interface BunSqliteDatabase {
  /** Whether a transaction is open on it. */
  readonly inTransaction: boolean;
  /** Prepares a statement. */
  prepare(sql: string): BunSqliteStatement;
  /** Closes it; fails if `throwOnError` while a statement is not finalized. */
  close(throwOnError?: boolean): void;
  /** Empties its cache; Mailboat tells it from databases of other drivers by this. */
  clearQueryCache(): void;
}

/** What Mailboat asks of a `Statement`. */
export interface BunSqliteStatement extends PreparedStatement {
  /** Gives it back to SQLite. */
  finalize(): void;
}

interface BunSqliteModule {
  readonly Database: new (path: string) => BunSqliteDatabase;
}

/** Not a literal, as no other runtime has it. */
const MODULE: string = "bun:sqlite";

/** What is to be known of `bun:sqlite`. */
export const bunSqlite: SyncTechnology<BunSqliteDatabase> = {
  noun: "a Database of bun:sqlite",
  databaseOf: (value) => isOne(value) ? databaseOf(value) : null,
  open: async (path) => {
    const { Database } = await dependency({
      action: "open the database",
      name: "bun:sqlite",
      load: () => import(MODULE) as Promise<BunSqliteModule>,
      remedy: "it is part of Bun",
    });
    return new Database(path);
  },
};

function isOne(value: object): value is BunSqliteDatabase {
  const { clearQueryCache, prepare } = value as Partial<BunSqliteDatabase>;
  return "inTransaction" in value && typeof clearQueryCache === "function" &&
    typeof prepare === "function";
}

/**
 * Statements are prepared anew for every run: one that is kept would keep its
 * owner from closing his database.
 */
function databaseOf(database: BunSqliteDatabase): SyncDatabase {
  return {
    get isTransaction() {
      return database.inTransaction;
    },
    prepare: (sql) => ({
      all: (...args) =>
        finalized(database.prepare(sql), (it) => it.all(...args)),
      run: (...args) =>
        finalized(database.prepare(sql), (it) => it.run(...args)),
    }),
    close: () => database.close(),
  };
}

function finalized<T>(
  statement: BunSqliteStatement,
  use: (statement: BunSqliteStatement) => T,
): T {
  try {
    return use(statement);
  } finally {
    statement.finalize();
  }
}
