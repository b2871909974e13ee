/**
 * Transactions of drizzle on a driver that answers at once.
 *
 * @module
 */

import { shorten } from "../../mod.ts";
import { refusedTransaction } from "../sqlite/errors.ts";
import type { Ground } from "../sqlite/storage.ts";
import type { SyncEnter } from "../sqlite/transaction.ts";
import { sessionOf } from "./internals.ts";

/** What Mailboat asks of a transaction. A database has no `rollback`: it does not fit. */
export interface DrizzleSyncTransaction {
  /** Ends the transaction; Mailboat leaves that to its owner. */
  rollback(): never;
}

/** What Mailboat asks of a database whose driver answers at once. */
export interface DrizzleSyncDatabase<Tx> {
  /** Runs work in a transaction. */
  transaction(
    work: (tx: Tx) => undefined,
    config?: { readonly behavior?: "immediate" },
  ): undefined;
}

/**
 * Enters transactions of a database. What is done in them is done on the
 * connection beneath: it knows whether one is open, which drizzle does not,
 * and it keeps its statements prepared.
 */
export function syncEnter<Tx extends DrizzleSyncTransaction>(
  db: DrizzleSyncDatabase<Tx>,
  { connection }: Ground,
): SyncEnter<Tx> {
  return (tx, action) => {
    if (typeof tx?.rollback !== "function") {
      throw refusedTransaction("NOT_A_TRANSACTION", action, shorten(tx));
    }
    const session = sessionOf(tx);
    if (session === undefined || session !== sessionOf(db)) {
      const found = "a transaction of another database";
      throw refusedTransaction("FOREIGN_TRANSACTION", action, found);
    }
    if (!connection.isTransaction) {
      const found = "one that its driver has committed or rolled back";
      throw refusedTransaction("TRANSACTION_FINISHED", action, found);
    }
    return (statement) => connection.run(statement);
  };
}
