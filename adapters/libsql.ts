/**
 * Storage on a local libSQL or SQLite file, through `@libsql/client`.
 *
 * @module
 */

import { readOptions, shorten } from "../mod.ts";
import { type LibsqlClient, libsqlFile } from "./libsql/file.ts";
import { type LibsqlResult, outcomeOf } from "./libsql/result.ts";
import { type Scriptable, scriptsOn } from "./libsql/script.ts";
import type { SqlStatement } from "./sqlite/driver.ts";
import { refusedTransaction } from "./sqlite/errors.ts";
import { FileOutbox } from "./sqlite/file_outbox.ts";
import { type SqliteStorage, storageOver } from "./sqlite/storage.ts";
import { tablesOf } from "./sqlite/tables.ts";
import type { Run } from "./sqlite/transaction.ts";

export type { LibsqlClient } from "./libsql/file.ts";
export type { LibsqlResult } from "./libsql/result.ts";
export type { SqliteStorage } from "./sqlite/storage.ts";
export {
  type ClosableTransaction,
  libsqlTransactions,
  type TransactingClient,
} from "./libsql/transactions.ts";

/** A statement for `client.batch`. */
export interface LibsqlStatement extends SqlStatement {}

/** What Mailboat asks of a transaction. A client has no `commit`: it does not fit. */
export interface LibsqlTransaction {
  /** Runs one statement in the transaction. */
  execute(statement: LibsqlStatement): Promise<LibsqlResult>;
  /** Runs a script, which saves time; where it is missing, statements are run one by one. */
  executeMultiple?(sql: string): Promise<void>;
  /** Ends the transaction; Mailboat leaves that to its owner. */
  commit(): Promise<void>;
}

/** Options of {@link libsqlStorage}. */
export interface LibsqlStorageOptions {
  /**
   * What begins the name of every table.
   *
   * @default {"mailboat_"}
   */
  readonly prefix?: string;
}

/**
 * Creates a storage on the file of a client, or on a file by its path or
 * `file:` URL. Nothing is opened before it is used.
 *
 * A client is asked for its path and otherwise left as it is; the relay gets a
 * connection of its own, with `synchronous=FULL`. The database must be in WAL
 * mode: `PRAGMA journal_mode=WAL`, once per file. By path, `migrate()` creates
 * the file and sets WAL mode.
 *
 * No other driver may have the file open in the same process: commits would be
 * lost, as two copies of SQLite in it do not see each other's locks.
 *
 * The `synchronous` level of the application is seen through its client only,
 * and shown in `durability`. Before it sends what it read, the relay syncs the
 * write-ahead log at any level: a sync that writes nothing itself.
 *
 * Messages are enqueued in `client.transaction("write")`, or through `prepare`
 * in `client.batch`. Where the client has one connection only, call
 * `migrate()` before the first enqueue. `migrate()` waits for another process
 * that migrates for up to 5 s, blocking; tables that are up to date wait for
 * nobody.
 *
 * @throws {InputError} `INVALID_OPTION` for a prefix that is not an
 * identifier, a database in memory, or a remote one.
 *
 * @example
 * ```ts
 * const client = createClient({ url: "file:app.db" });
 * await client.execute("PRAGMA journal_mode=WAL");
 * const storage = libsqlStorage(client);
 * await storage.migrate();
 * const outbox = createOutbox({ storage });
 *
 * const tx = await client.transaction("write");
 * await outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2 }));
 * await tx.commit();
 * ```
 */
export function libsqlStorage(
  database: LibsqlClient | string,
  options: LibsqlStorageOptions = {},
): SqliteStorage<LibsqlTransaction, LibsqlStatement> {
  return readOptions({ action: "create a storage", options }, ({ prefix }) => {
    const outbox = new FileOutbox(libsqlFile(database), tablesOf(prefix));
    return storageOver(outbox, { enter, statementOf: (it) => it });
  });
}

function enter(tx: LibsqlTransaction, action: string): Run {
  const isOne = typeof tx?.execute === "function" &&
    typeof tx.commit === "function";
  if (!isOne) {
    throw refusedTransaction("NOT_A_TRANSACTION", action, shorten(tx));
  }
  const run = async (statement: LibsqlStatement) =>
    outcomeOf(await tx.execute(statement));
  return isScriptable(tx) ? Object.assign(run, { script: scriptsOn(tx) }) : run;
}

function isScriptable(
  tx: LibsqlTransaction,
): tx is LibsqlTransaction & Scriptable {
  return typeof tx.executeMultiple === "function";
}
