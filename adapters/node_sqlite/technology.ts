/**
 * Databases of `node:sqlite`: Node from 22.16 on, Deno and Bun.
 *
 * @module
 */

import { dependency } from "../sqlite/dependency.ts";
import type {
  PreparedStatement,
  SyncDatabase,
} from "../sqlite/sync_connection.ts";
import type { SyncTechnology } from "../sqlite/sync_storage.ts";

/** What Mailboat asks of a `DatabaseSync`. */
export interface NodeSqliteDatabase {
  /** Whether a transaction is open on it. */
  readonly isTransaction: boolean;
  /** Prepares a statement. */
  prepare(sql: string): NodeSqliteStatement;
  /** Runs a script. */
  exec(sql: string): void;
  /** Closes it. */
  close(): void;
}

/** What Mailboat asks of a `StatementSync`. */
export interface NodeSqliteStatement extends PreparedStatement {
  /** Makes it give integers as bigints. */
  setReadBigInts(enabled: boolean): unknown;
}

interface NodeSqliteModule {
  readonly DatabaseSync: new (path: string) => NodeSqliteDatabase;
}

/** Not a literal, as the oldest Node that is supported has no types of it. */
const MODULE: string = "node:sqlite";

/** What is to be known of `node:sqlite`. */
export const nodeSqlite: SyncTechnology<NodeSqliteDatabase> = {
  noun: "a DatabaseSync of node:sqlite, with isTransaction (Node 22.16)",
  databaseOf,
  open: async (path) => {
    const { DatabaseSync } = await dependency({
      name: "node:sqlite",
      load: () => import(MODULE) as Promise<NodeSqliteModule>,
      remedy: "Node 22.16 or later, Deno 2 or Bun 1",
    });
    return new DatabaseSync(path);
  },
};

function databaseOf(value: unknown): SyncDatabase | null {
  const database = value as NodeSqliteDatabase;
  const isOne = typeof database.isTransaction === "boolean" &&
    typeof database.exec === "function" &&
    typeof database.prepare === "function";
  if (!isOne) return null;
  let isClosed = false;
  return {
    get isTransaction() {
      return database.isTransaction;
    },
    prepare(sql) {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      return statement;
    },
    exec: (script) => database.exec(script),
    close() {
      if (!isClosed) database.close();
      isClosed = true;
    },
  };
}
