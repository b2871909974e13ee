/**
 * Transactions of drizzle on a driver that answers at once.
 *
 * @module
 */

import { type SQL, sql } from "drizzle-orm";
import { shorten } from "../../mod.ts";
import { cellOf, type SqlRow, type SqlStatement } from "../sqlite/driver.ts";
import { refusedTransaction } from "../sqlite/errors.ts";
import { returnsRows } from "../sqlite/sync_connection.ts";
import type { SyncEnter } from "../sqlite/transaction.ts";
import { queryOf } from "./query.ts";

/** What Mailboat asks of a transaction. A database has no `rollback`: it does not fit. */
export interface DrizzleSyncTransaction {
  /** Runs one statement in the transaction. */
  run(query: SQL): unknown;
  /** Runs one statement in the transaction, for its rows. */
  all(query: SQL): unknown;
  /** Ends the transaction; Mailboat leaves that to its owner. */
  rollback(): never;
}

/** What Mailboat asks of a database whose driver answers at once. */
export interface DrizzleSyncDatabase<Tx> {
  /** Runs work in a transaction. */
  transaction<T>(
    work: (tx: Tx) => T,
    config?: { readonly behavior?: "immediate" },
  ): T;
}

/** Enters transactions on the database file that is named, if one is. */
export function syncEnter<Tx extends DrizzleSyncTransaction>(
  file: () => string | null,
): SyncEnter<Tx> {
  return (tx, action) => {
    const isOne = typeof tx?.run === "function" &&
      typeof tx.all === "function" && typeof tx.rollback === "function";
    if (!isOne) {
      throw refusedTransaction("NOT_A_TRANSACTION", action, shorten(tx));
    }
    if ((tx as { readonly resultKind?: unknown }).resultKind !== "sync") {
      const found = "a transaction of a driver that promises its answers";
      throw refusedTransaction("FOREIGN_TRANSACTION", action, found);
    }
    const home = file();
    if (home !== null && fileOf(tx) !== home) {
      const found = "a transaction on another database";
      throw refusedTransaction("FOREIGN_TRANSACTION", action, found);
    }
    return (statement) => outcomeOf(tx, statement);
  };
}

function outcomeOf(tx: DrizzleSyncTransaction, statement: SqlStatement) {
  const query = queryOf(statement);
  if (returnsRows(statement)) {
    const rows = rowsOf(tx, query);
    return { rows, changes: rows.length };
  }
  tx.run(query);
  // What `run` returns is another thing with each driver.
  const [row] = rowsOf(tx, sql`SELECT changes() "changes"`);
  return { rows: [], changes: Number(row?.["changes"]) };
}

function rowsOf(tx: DrizzleSyncTransaction, query: SQL): SqlRow[] {
  const rows = tx.all(query) as readonly object[];
  return rows.map((row) =>
    Object.fromEntries(
      Object.entries(row).map(([column, value]) => [column, cellOf(value)]),
    )
  );
}

function fileOf(tx: DrizzleSyncTransaction): string {
  const rows = rowsOf(tx, sql`PRAGMA database_list`);
  return String(rows.find(({ name }) => name === "main")?.["file"] ?? "");
}
