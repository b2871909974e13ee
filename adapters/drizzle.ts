/**
 * Storage on a local libSQL or SQLite file, through `drizzle-orm/libsql`.
 *
 * @module
 */

import { type SQL, sql } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import {
  type InboxStorage,
  type LetterStorage,
  readOptions,
  shorten,
  type Storage,
} from "../mod.ts";
import { type LibsqlResult, outcomeOf } from "./libsql/driver.ts";
import { type LibsqlClient, libsqlFile } from "./libsql/file.ts";
import type { SqlStatement } from "./sqlite/driver.ts";
import { refusedTransaction } from "./sqlite/errors.ts";
import { FileStorage } from "./sqlite/file_storage.ts";
import { tablesOf } from "./sqlite/tables.ts";
import type { Run } from "./sqlite/transaction.ts";

export type { LibsqlResult } from "./libsql/driver.ts";
export type { LibsqlClient } from "./libsql/file.ts";
export type {
  ClosableTransaction,
  TransactingClient,
} from "./libsql/transactions.ts";
export {
  drizzleTransactions,
  type TransactingDatabase,
} from "./drizzle/transactions.ts";

/** An item for `db.batch`. It runs when it is awaited: hand it over as it is. */
export type DrizzleStatement = BatchItem<"sqlite">;

/** What Mailboat asks of a database: the client beneath, and items for its batch. */
export interface DrizzleDatabase {
  /** The client that `drizzle()` was given or made. */
  readonly $client: LibsqlClient;
  /** Makes an item for `db.batch`. */
  run(query: SQL): DrizzleStatement;
}

/** What Mailboat asks of a transaction. A database has no `rollback`: it does not fit. */
export interface DrizzleTransaction {
  /** Runs one statement in the transaction. */
  run(query: SQL): Promise<LibsqlResult>;
  /** Ends the transaction; Mailboat leaves that to its owner. */
  rollback(): never;
}

/** Options of {@link drizzleStorage}. */
export interface DrizzleStorageOptions {
  /**
   * What begins the name of every table. The tables of
   * `@mailboat/outbox/drizzle/schema` have the default.
   *
   * @default {"mailboat_"}
   */
  readonly prefix?: string;
}

/**
 * Creates a storage on the file of a drizzle database. Nothing is opened
 * before it is used.
 *
 * The client beneath is asked for its path and otherwise left as it is; the
 * relay gets a connection of its own, with `synchronous=FULL`. The database
 * must be in WAL mode: `PRAGMA journal_mode=WAL`, once per file.
 *
 * Messages are enqueued in `db.transaction`, or through `prepare` in
 * `db.batch`. Call `migrate()` at the start, also where drizzle-kit made the
 * tables: it then adds the two rows that they begin with.
 *
 * @throws {InputError} `INVALID_OPTION` for a prefix that is not an
 * identifier, or a remote database.
 *
 * @example
 * ```ts
 * const db = drizzle("file:app.db");
 * await db.run("PRAGMA journal_mode=WAL");
 * const storage = drizzleStorage(db);
 * await storage.migrate();
 * const outbox = createOutbox({ storage });
 *
 * await db.transaction(async (tx) => {
 *   await tx.insert(readings).values({ meter: "m-1", kwh: 4.2 });
 *   await outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2 }));
 * });
 * ```
 */
export function drizzleStorage(
  db: DrizzleDatabase,
  options: DrizzleStorageOptions = {},
):
  & Storage<DrizzleTransaction, DrizzleStatement>
  & InboxStorage<DrizzleTransaction>
  & LetterStorage<DrizzleTransaction> {
  return readOptions(
    { action: "create a storage", options },
    ({ prefix }) =>
      new FileStorage({
        file: libsqlFile(db?.$client),
        tables: tablesOf(prefix),
        enter,
        statementOf: (statement: SqlStatement) => db.run(queryOf(statement)),
        connectionOf,
      }),
  );
}

function enter(tx: DrizzleTransaction, action: string): Run {
  const isOne = typeof tx?.run === "function" &&
    typeof tx.rollback === "function";
  if (!isOne) {
    throw refusedTransaction("NOT_A_TRANSACTION", action, shorten(tx));
  }
  // A synchronous driver has committed by the time that its result is awaited.
  if ((tx as { readonly resultKind?: unknown }).resultKind === "sync") {
    throw refusedTransaction(
      "FOREIGN_TRANSACTION",
      action,
      "a transaction of a synchronous driver",
    );
  }
  return async (statement) => outcomeOf(await tx.run(queryOf(statement)));
}

/** A transaction within another one, a savepoint, has the same session. */
function connectionOf(tx: DrizzleTransaction): object {
  const { session } = tx as { readonly session?: unknown };
  return typeof session === "object" && session !== null ? session : tx;
}

/** The same text, with its parameters in drizzle's hands. */
function queryOf({ sql: text, args }: SqlStatement): SQL {
  const parts = text.split("?");
  return sql(Object.assign(parts, { raw: parts }), ...args);
}
