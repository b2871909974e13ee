/**
 * Transactions of a libSQL client, as a consumer runs them.
 *
 * @module
 */

import {
  createTurns,
  InputError,
  readOptions,
  shorten,
  type Transactions,
  type TurnOptions,
  type Turns,
} from "../../mod.ts";
import { isBusy } from "../sqlite/errors.ts";

/** What is asked of a client. */
export interface TransactingClient<Tx> {
  /** Begins a transaction. */
  transaction(mode: "deferred"): Promise<Tx>;
}

/** What is asked of its transactions. */
export interface ClosableTransaction {
  /** Runs statements that leave nothing behind. */
  executeMultiple(sql: string): Promise<void>;
  /** Makes the changes visible and durable. */
  commit(): Promise<void>;
  /** Ends the transaction; without a commit nothing of it remains. */
  close(): void;
}

/**
 * Runs work in write transactions of a client, for `createConsumer` and for
 * whatever else the process writes: they take turns, so that none meets the
 * lock of another, and wait for a lock that another process holds, without
 * blocking.
 *
 * A transaction that the client begins by itself takes no turn: it may fail as
 * busy while one of these is open. None may be begun inside another.
 *
 * @throws {InputError} `INVALID_OPTION` for what is no client, or an option
 * that is out of range.
 *
 * @example
 * ```ts
 * await libsqlTransactions(client).transaction(async (tx) => {
 *   await tx.execute("INSERT INTO reading VALUES ('m-1', 4.2)");
 * });
 * ```
 */
export function libsqlTransactions<Tx extends ClosableTransaction>(
  client: TransactingClient<Tx>,
  options: TurnOptions = {},
): Transactions<Tx> {
  const turns = turnsOf(client, options);
  return {
    takesTurns: true,
    transaction: (work) =>
      turns.take(async (tx) => {
        try {
          await work(tx);
          await tx.commit();
        } finally {
          tx.close();
        }
      }),
  };
}

/**
 * The turns of a client's transactions, which hold the write lock.
 *
 * A prepared statement that met a lock would stay active until it is collected
 * as garbage, and make every commit of its connection fail; so the lock is
 * taken by a script, on the connection that will need it.
 */
export function turnsOf<Tx extends ClosableTransaction>(
  client: TransactingClient<Tx>,
  options: TurnOptions,
): Turns<Tx> {
  readOptions({ action: "create transactions", options: client }, requireOne);
  return createTurns({ begin: () => begin(client), isBusy, options });
}

function requireOne(client: TransactingClient<unknown>): void {
  if (typeof client.transaction === "function") return;
  throw new InputError("INVALID_OPTION", {
    action: "create transactions",
    field: "client",
    required: "a client of @libsql/client",
    found: shorten(client),
  });
}

async function begin<Tx extends ClosableTransaction>(
  client: TransactingClient<Tx>,
): Promise<Tx> {
  const tx = await client.transaction("deferred");
  try {
    await tx.executeMultiple("COMMIT; BEGIN IMMEDIATE");
    return tx;
  } catch (thrown) {
    tx.close();
    throw thrown;
  }
}
