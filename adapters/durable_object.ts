/**
 * Storage in the SQLite database of a Cloudflare Durable Object.
 *
 * @module
 */

import {
  createTurns,
  type Durability,
  readOptions,
  shorten,
  type Transactions,
  type TurnOptions,
} from "../mod.ts";
import { ObjectConnection } from "./durable_object/connection.ts";
import {
  type DurableObjectStorageLike,
  requireStorage,
} from "./durable_object/platform.ts";
import { DurableObjectTransaction } from "./durable_object/transaction.ts";
import { isBusy, refusedTransaction } from "./sqlite/errors.ts";
import { WORKERS_VALUE_BYTES } from "./sqlite/parts.ts";
import { ServerOutbox } from "./sqlite/server_outbox.ts";
import type { SyncTransacting } from "./sqlite/settled.ts";
import { type SqliteSyncStorage, syncStorageOver } from "./sqlite/storage.ts";
import type { SqliteStorageOptions } from "./sqlite/storage_options.ts";
import { tablesOf } from "./sqlite/tables.ts";
import type { SyncEnter } from "./sqlite/transaction.ts";

export type {
  DurableObjectCursor,
  DurableObjectSql,
  DurableObjectStorageLike,
} from "./durable_object/platform.ts";
export type { DurableObjectTransaction } from "./durable_object/transaction.ts";
export type { SyncTransacting } from "./sqlite/settled.ts";
export type { SqliteSyncStorage } from "./sqlite/storage.ts";
export type { SqliteStorageOptions } from "./sqlite/storage_options.ts";

/** The handle of a transaction on a storage: `ctx.storage` itself is none. */
export type TransactionOf<Storage extends DurableObjectStorageLike> =
  DurableObjectTransaction<Storage["sql"]>;

/** A storage whose transactions are begun here, as the platform has no handle for one. */
export interface DurableObjectOutboxStorage<Tx>
  extends SqliteSyncStorage<Tx>, SyncTransacting<Tx> {}

/**
 * Creates a storage in the database of an object; nothing is read or written
 * before it is used.
 *
 * Messages are enqueued within `storage.transaction`, which runs
 * `ctx.storage.transactionSync`; `tx.sql` is `ctx.storage.sql`. The relay uses
 * the same connection. Before it sends what it read, it awaits
 * `ctx.storage.sync()`.
 *
 * A message, payload and headers together, has at most 2,000,000 bytes: with
 * more, `enqueue` throws `PAYLOAD_TOO_LARGE`.
 *
 * Do not enqueue within `ctx.storage.transaction`, which may await something:
 * a relay in the same object would read what is not committed. For that there
 * is {@link durableObjectTransactions}.
 *
 * @throws {InputError} `INVALID_OPTION` for a prefix that is not an
 * identifier, and for what is no storage with SQLite.
 *
 * @example
 * ```ts
 * const storage = durableObjectStorage(ctx.storage);
 * await storage.migrate();
 * const outbox = createOutbox({ storage });
 *
 * storage.transaction((tx) => {
 *   tx.sql.exec("INSERT INTO reading VALUES (?, ?)", "m-1", 4.2);
 *   outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2 }));
 * });
 * ```
 */
export function durableObjectStorage<Storage extends DurableObjectStorageLike>(
  storage: Storage,
  options: SqliteStorageOptions = {},
): DurableObjectOutboxStorage<TransactionOf<Storage>> {
  const action = "create a storage";
  return readOptions({ action, options }, ({ prefix }) => {
    requireStorage(action, storage);
    const connection = new ObjectConnection(storage);
    const outbox = new ServerOutbox({
      driver: connection,
      tables: tablesOf(prefix),
      durability: () => Promise.resolve(DURABILITY),
      sync: async () => {
        await storage.sync();
        return true;
      },
      maxValueBytes: WORKERS_VALUE_BYTES,
    });
    const made = syncStorageOver<TransactionOf<Storage>>(outbox, {
      enter: entering(storage, connection),
      ground: {
        client: storage,
        connection,
        watched: (work) => connection.watched(work),
        parts: {
          maxBytes: WORKERS_VALUE_BYTES,
          together: (work) => connection.together(work),
        },
      },
    });
    return Object.assign(made, {
      transaction: <T>(work: (tx: TransactionOf<Storage>) => T) =>
        connection.transaction(work as (tx: DurableObjectTransaction) => T),
    });
  });
}

/**
 * Runs work that awaits something in transactions of an object, for
 * `createConsumer`: they take turns, and run `ctx.storage.transaction`.
 *
 * Meanwhile the object is given no other event; the platform ends one that
 * keeps it waiting for 30 s. A relay in the same object finds its database
 * busy, and tries again.
 *
 * @throws {InputError} `INVALID_OPTION` for what is no storage with SQLite, or
 * an option that is out of range.
 *
 * @example
 * ```ts
 * const database = durableObjectTransactions(ctx.storage);
 * await database.transaction(async (tx) => {
 *   tx.sql.exec("INSERT INTO reading VALUES ('m-1', 4.2)");
 * });
 * ```
 */
export function durableObjectTransactions<
  Storage extends DurableObjectStorageLike,
>(
  storage: Storage,
  options: TurnOptions = {},
): Transactions<TransactionOf<Storage>> {
  requireStorage("create transactions", storage);
  const connection = new ObjectConnection(storage);
  const turns = createTurns({
    begin: async () => await connection.requireFree("begin a transaction"),
    isBusy,
    options,
  });
  return {
    takesTurns: true,
    transaction: (work) =>
      turns.take(() =>
        connection.awaitedTransaction(
          work as (tx: DurableObjectTransaction) => Promise<void>,
        )
      ),
  };
}

/** Whose promise it is, for people. */
const DURABILITY: Durability = {
  level: "power-loss",
  detail: "ctx.storage.sync() of Cloudflare; " +
    "a local workerd promises what its disk does",
};

function entering<Tx>(
  storage: DurableObjectStorageLike,
  connection: ObjectConnection,
): SyncEnter<Tx> {
  return (tx, action) => {
    const found = DurableObjectTransaction.storageOf(tx);
    if (found === undefined) {
      throw refusedTransaction("NOT_A_TRANSACTION", action, shorten(tx));
    }
    if (found === null) {
      const over = "a transaction whose work is over";
      throw refusedTransaction("TRANSACTION_FINISHED", action, over);
    }
    if (found !== storage) {
      const foreign = "a transaction of another object";
      throw refusedTransaction("FOREIGN_TRANSACTION", action, foreign);
    }
    return (statement) => connection.run(statement);
  };
}
