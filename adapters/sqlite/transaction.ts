/**
 * The user's transaction: how a handle is checked, and what its refusals mean.
 *
 * @module
 */

import { MailboatError, shorten } from "../../mod.ts";
import type { SqlOutcome, SqlStatement } from "./driver.ts";
import { refusedTransaction, storageError } from "./errors.ts";
import type { Tables } from "./tables.ts";

/** Runs a statement on a user's transaction. */
export type Run = (statement: SqlStatement) => Promise<SqlOutcome>;

/** Checks a handle for an action, throwing what it refuses; then runs statements on it. */
export type Enter<Tx> = (tx: Tx, action: string) => Run;

/** A transaction, what is done through it, and the outbox that it must belong to. */
export interface Target {
  /** What is being done, as a verb phrase. */
  readonly action: string;
  /** Runs a statement. */
  readonly run: Run;
  /** The names of the tables. */
  readonly tables: Tables;
  /** The outbox's own name, as its database tells it. */
  readonly identity: string;
}

/** Checks a handle; one that throws when it is looked at is none. */
export function entered<Tx, Entered>(
  enter: (tx: Tx, action: string) => Entered,
  tx: Tx,
  action: string,
): Entered {
  try {
    return enter(tx, action);
  } catch (thrown) {
    if (thrown instanceof MailboatError) throw thrown;
    const found = shorten(tx);
    throw refusedTransaction("NOT_A_TRANSACTION", action, found, thrown);
  }
}

/** Runs a statement. */
export async function runOn(
  { action, run }: Pick<Target, "action" | "run">,
  statement: SqlStatement,
): Promise<SqlOutcome> {
  try {
    return await run(statement);
  } catch (thrown) {
    const error = storageError(action, thrown);
    // The storage's own tables are there: its identity was read from them.
    if (error.code !== "STORAGE_NOT_MIGRATED") throw error;
    const found = "a transaction on a database without these tables";
    throw foreign(action, found, thrown);
  }
}

/** The refusal of a transaction on another database. */
export function foreign(
  action: string,
  found: string,
  cause?: unknown,
): MailboatError {
  return refusedTransaction("FOREIGN_TRANSACTION", action, found, cause);
}
