/**
 * Storage on a libSQL server, through a client of `@libsql/client`, its `/web`,
 * `/http` or `/ws`. No package is imported: the client brings everything.
 *
 * @module
 */

import { readOptions, shorten } from "../mod.ts";
import { answering, type AnswerOptions } from "./libsql/answer.ts";
import { createLedger, ledgerOf } from "./libsql/commit_ledger.ts";
import { type LibsqlResult, outcomeOf } from "./libsql/result.ts";
import {
  durabilityOf,
  type LibsqlRemoteClient,
  requireServer,
  ServerDriver,
} from "./libsql/server.ts";
import type { SqlStatement } from "./sqlite/driver.ts";
import { refusedTransaction, storageError } from "./sqlite/errors.ts";
import { ServerOutbox } from "./sqlite/server_outbox.ts";
import { type SqliteStorage, storageOver } from "./sqlite/storage.ts";
import { tablesOf } from "./sqlite/tables.ts";
import type { Enter } from "./sqlite/transaction.ts";

export type { AnswerOptions } from "./libsql/answer.ts";
export { CommitUnknownError } from "./libsql/commit_unknown.ts";
export {
  libsqlRemoteTransactions,
  type LibsqlRemoteTransactionsOptions,
  type RemoteTransactingClient,
  type RemoteTransaction,
} from "./libsql/remote_transactions.ts";
export type { LibsqlResult } from "./libsql/result.ts";
export type { LibsqlRemoteClient } from "./libsql/server.ts";
export type { SqliteStorage } from "./sqlite/storage.ts";

/** A statement for `client.batch`. */
export interface LibsqlRemoteStatement extends SqlStatement {}

/**
 * What Mailboat asks of a transaction, also of one of an embedded replica's
 * client. A client has no `commit`: it does not fit.
 */
export interface LibsqlRemoteTransaction {
  /** Runs one statement in the transaction. */
  execute(statement: LibsqlRemoteStatement): Promise<LibsqlResult>;
  /** Runs statements, none after one that failed. */
  batch(statements: LibsqlRemoteStatement[]): Promise<LibsqlResult[]>;
  /** Ends the transaction; Mailboat leaves that to its owner. */
  commit(): Promise<void>;
}

/** Options of {@link libsqlRemoteStorage}. */
export interface LibsqlRemoteStorageOptions extends AnswerOptions {
  /**
   * What begins the name of every table.
   *
   * @default {"mailboat_"}
   */
  readonly prefix?: string;
}

/**
 * Creates a storage on the server of a client. Nothing is asked before it is
 * used. The client is shared: Mailboat never closes, reconnects or configures
 * it, and each of its calls is a request of its own.
 *
 * Messages are enqueued in `client.transaction("write")`, in
 * {@link libsqlRemoteTransactions}, or through `prepare` in `client.batch`.
 * Beside an embedded replica, give it a client of the primary, and enqueue in
 * transactions of the replica's client: its writes go to the primary too.
 *
 * What is committed in other processes is found by looking, at the relay's
 * poll interval: a server tells nobody.
 *
 * @throws {InputError} `INVALID_OPTION` for a client of a local file, a prefix
 * that is not an identifier, or an option that is out of range.
 *
 * @example
 * ```ts
 * const client = createClient({ url: "libsql://db.example" });
 * const storage = libsqlRemoteStorage(client);
 * await storage.migrate();
 * const outbox = createOutbox({ storage });
 *
 * await libsqlRemoteTransactions(client).transaction(async (tx) => {
 *   await tx.execute("INSERT INTO reading VALUES ('m-1', 4.2)");
 *   await outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2 }));
 * });
 * ```
 */
export function libsqlRemoteStorage(
  client: LibsqlRemoteClient,
  options: LibsqlRemoteStorageOptions = {},
): SqliteStorage<LibsqlRemoteTransaction, LibsqlRemoteStatement> {
  const action = "create a storage";
  return readOptions({ action, options }, (given) => {
    requireServer(action, client, ["execute", "batch"]);
    const tables = tablesOf(given.prefix);
    const driver = new ServerDriver(client, answering(action, given));
    const outbox = new ServerOutbox({
      driver,
      tables,
      furtherTables: [createLedger(ledgerOf(given.prefix))],
      durability: () => durabilityOf(driver),
      // When the server syncs its disk is the server's to say.
      sync: () => Promise.resolve(true),
    });
    return storageOver(outbox, { enter: entering(), statementOf: (it) => it });
  });
}

/**
 * Runs statements on transactions. Once the server has ended one, the client
 * does not notice, and what it sends then commits by itself: so it is refused.
 */
function entering(): Enter<LibsqlRemoteTransaction> {
  const ended = new WeakSet<LibsqlRemoteTransaction>();
  return (tx, action) => {
    const isOne = typeof tx?.execute === "function" &&
      typeof tx.batch === "function" && typeof tx.commit === "function";
    if (!isOne) {
      throw refusedTransaction("NOT_A_TRANSACTION", action, shorten(tx));
    }
    const together = async (statements: readonly SqlStatement[]) => {
      if (ended.has(tx)) {
        const found = "a transaction that the server has ended";
        throw refusedTransaction("TRANSACTION_FINISHED", action, found);
      }
      try {
        const results = await tx.batch([...statements]);
        return outcomeOf(results[results.length - 1]!);
      } catch (thrown) {
        const { code } = storageError(action, thrown);
        if (code === "TRANSACTION_FINISHED") ended.add(tx);
        throw thrown;
      }
    };
    const run = (statement: SqlStatement) => together([statement]);
    return Object.assign(run, { together });
  };
}
