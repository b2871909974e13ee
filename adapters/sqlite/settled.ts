/**
 * Transactions of a driver that waits for nothing: what is not done when the
 * work returns would be done outside of them.
 *
 * @module
 */

import { InputError } from "../../mod.ts";

/** Runs work in transactions of a driver that answers at once. */
export interface SyncTransacting<Tx> {
  /**
   * Runs work in an immediate transaction.
   *
   * **Promises** to commit when `work` returns, and to roll back when it throws.
   * **May fail with** what `work` throws; `INVALID_OPTION`, rolled back, when it
   * returns a promise; and with the driver's own errors.
   * **Must not** be called within a transaction.
   */
  transaction<T>(work: (tx: Tx) => T): T;
}

/**
 * The result of work that is done.
 *
 * @throws {InputError} `INVALID_OPTION` for a promise.
 */
export function settled<T>(result: T): T {
  const then: unknown = (result as { readonly then?: unknown } | null)?.then;
  if (typeof then !== "function") return result;
  // Whoever is told here need not be told again.
  (result as PromiseLike<unknown>).then(undefined, () => {});
  throw new InputError("INVALID_OPTION", {
    action: "run a transaction",
    field: "work",
    required: "done when it returns: the driver waits for nothing",
    found: "a function that returns a promise",
  });
}
