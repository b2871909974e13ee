/**
 * Transactions of a libSQL client, as a consumer runs them.
 *
 * @module
 */

import type { Transactions } from "../../mod.ts";

/** What is asked of a client. */
export interface TransactingClient<Tx> {
  /** Begins a transaction that may write. */
  transaction(mode: "write"): Promise<Tx>;
}

/** What is asked of its transactions. */
export interface ClosableTransaction {
  /** Makes the changes visible and durable. */
  commit(): Promise<void>;
  /** Ends the transaction; without a commit nothing of it remains. */
  close(): void;
}

/**
 * Runs work in write transactions of a client, for `createConsumer`.
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
): Transactions<Tx> {
  return {
    async transaction(work) {
      const tx = await client.transaction("write");
      try {
        await work(tx);
        await tx.commit();
      } finally {
        tx.close();
      }
    },
  };
}
