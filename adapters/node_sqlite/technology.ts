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

/** What is to be known of `node:sqlite`. */
export const nodeSqlite: SyncTechnology<NodeSqliteDatabase> = {
  noun: "a DatabaseSync of node:sqlite, with isTransaction (Node 22.16)",
  databaseOf,
  open: async (path) => {
    const { DatabaseSync } = await dependency({
      name: "node:sqlite",
      load: () => import("node:sqlite"),
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
