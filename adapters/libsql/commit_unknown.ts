/**
 * The commit of which nobody could say whether it happened.
 *
 * @module
 */

import { StorageError } from "../../mod.ts";

/**
 * A transaction whose commit was sent, and whose server did not say in time
 * whether it happened. It may have, or may still happen.
 *
 * @example
 * ```ts
 * declare const error: unknown;
 * if (error instanceof CommitUnknownError) {
 *   // 1: committed; 0: never; no row: not yet known.
 *   await client.execute({
 *     sql: `SELECT "committed" FROM mailboat_commit WHERE "id" = ?`,
 *     args: [error.transactionId],
 *   });
 * }
 * ```
 */
export class CommitUnknownError extends StorageError {
  /** What the commit would be found by in the table `mailboat_commit`. */
  readonly transactionId: string;

  /** Creates an error; `cause` is what the last question for it failed with. */
  constructor(transactionId: string, cause: unknown) {
    super(
      "STORAGE_FAILED",
      `Cannot tell whether transaction ${transactionId} was committed as the ` +
        "server must say so: current value is unknown",
      cause,
    );
    this.name = "CommitUnknownError";
    this.transactionId = transactionId;
  }
}
