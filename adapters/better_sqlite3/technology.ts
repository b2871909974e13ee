/**
 * Databases of `better-sqlite3`.
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
export interface BetterSqlite3Database {
  /** Whether a transaction is open on it. */
  readonly inTransaction: boolean;
  /** Prepares a statement. */
  prepare(sql: string): PreparedStatement;
  /** Runs a pragma; Mailboat tells it from databases of other drivers by this. */
  pragma(source: string): unknown;
  /** Closes it. */
  close(): unknown;
}

type BetterSqlite3Class = new (path: string) => BetterSqlite3Database;

/** Not a literal, as the package has no types of its own. */
const MODULE: string = "better-sqlite3";

/** What is to be known of `better-sqlite3`. */
export const betterSqlite3: SyncTechnology<BetterSqlite3Database> = {
  noun: "a Database of better-sqlite3",
  databaseOf: (value) => isOne(value) ? databaseOf(value) : null,
  open: async (path, like) => {
    const own = like === undefined ? null : classOf(like);
    const Database = own ?? await installedClass();
    return new Database(path);
  },
};

/**
 * The class of a database, whatever extends it. The package that we would load
 * may be another copy: within a process two copies do not see each other's
 * locks, and the one that closes the file deletes the log of the other.
 */
function classOf(database: object): BetterSqlite3Class | null {
  let found: BetterSqlite3Class | null = null;
  let prototype: object | null = Object.getPrototypeOf(database);
  while (prototype !== null && "pragma" in prototype) {
    found = prototype.constructor as BetterSqlite3Class;
    prototype = Object.getPrototypeOf(prototype);
  }
  return found;
}

async function installedClass(): Promise<BetterSqlite3Class> {
  const { default: Database } = await dependency({
    action: "open the database",
    name: "better-sqlite3",
    load: () => import(MODULE) as Promise<{ default: BetterSqlite3Class }>,
  });
  return Database;
}

function isOne(value: object): value is BetterSqlite3Database {
  const { pragma, prepare } = value as Partial<BetterSqlite3Database>;
  return "inTransaction" in value && typeof pragma === "function" &&
    typeof prepare === "function";
}

function databaseOf(database: BetterSqlite3Database): SyncDatabase {
  return {
    get isTransaction() {
      return database.inTransaction;
    },
    prepare: (sql) => database.prepare(sql),
    close: () => void database.close(),
  };
}
