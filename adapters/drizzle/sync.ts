/**
 * Transactions of drizzle on a driver that answers at once.
 *
 * @module
 */

import { shorten } from "../../mod.ts";
import { refusedTransaction } from "../sqlite/errors.ts";
import type { Ground, SqliteOutbox } from "../sqlite/foundation.ts";
import { settled, type SyncTransacting } from "../sqlite/settled.ts";
import { type SqliteSyncStorage, syncStorageOver } from "../sqlite/storage.ts";
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

/** A storage on such a database, and its transactions as they should be run. */
export interface DrizzleSyncStorage<Tx>
  extends SqliteSyncStorage<Tx>, SyncTransacting<Tx> {}

/** Creates a storage on a database of drizzle, over the one that it is made of. */
export function drizzleSyncStorage<Tx extends DrizzleSyncTransaction>(
  outbox: SqliteOutbox,
  { db, ground }: {
    readonly db: DrizzleSyncDatabase<Tx>;
    readonly ground: Ground;
  },
): DrizzleSyncStorage<Tx> {
  const { behavior, watched = (work) => work() } = ground;
  const config = behavior === undefined ? {} : { behavior };
  const port = { enter: entering(db, ground), ground };
  return Object.assign(syncStorageOver(outbox, port), {
    transaction<T>(work: (tx: Tx) => T): T {
      const results: T[] = [];
      watched(() =>
        db.transaction((tx) => {
          results.push(settled(work(tx)));
          return undefined;
        }, config)
      );
      return results[0] as T;
    },
  });
}

/**
 * Enters transactions of a database. What is done in them is done on the
 * connection beneath: it knows whether one is open, which drizzle does not,
 * and it keeps its statements prepared.
 */
function entering<Tx extends DrizzleSyncTransaction>(
  db: DrizzleSyncDatabase<Tx>,
  { connection, watched }: Ground,
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
      const found = watched === undefined ? ENDED : ENDED_UNSEEN;
      throw refusedTransaction("TRANSACTION_FINISHED", action, found);
    }
    return (statement) => connection.run(statement);
  };
}

const ENDED = "one that is over";
const ENDED_UNSEEN = `${ENDED}, or of db.transaction, which does not tell: ` +
  "begin it with storage.transaction";
