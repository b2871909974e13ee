/**
 * Databases of `node:sqlite`: Node from 22.16 on, Deno and Bun.
 *
 * @module
 */

import { dependency } from "../../mod.ts";
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
  noun: "a DatabaseSync of node:sqlite, from Node 22.16 on",
  databaseOf: (value) => isOne(value) ? databaseOf(value) : null,
  open: async (path) => {
    const { DatabaseSync } = await dependency({
      action: "open the database",
      name: "node:sqlite",
      load: () => import("node:sqlite"),
      remedy: "it is part of Node from 22.16 on, Deno 2 and Bun",
    });
    return new DatabaseSync(path);
  },
};

/** Before Node 22.16 none tells whether a transaction is open. */
function isOne(value: object): value is NodeSqliteDatabase {
  const { prepare } = value as Partial<NodeSqliteDatabase>;
  return "isTransaction" in value && typeof prepare === "function";
}

function databaseOf(database: NodeSqliteDatabase): SyncDatabase {
  return {
    get isTransaction() {
      return database.isTransaction;
    },
    prepare(sql) {
      const statement = database.prepare(sql);
      statement.setReadBigInts(true);
      return statement;
    },
    close: () => database.close(),
  };
}
