/**
 * Work on a user's transaction: written once, statement by statement, and
 * performed on a driver that answers at once or on one that promises to.
 *
 * @module
 */

import { MailboatError, shorten } from "../../mod.ts";
import type { SqlOutcome, SqlStatement, Steps } from "./driver.ts";
import { refusedTransaction, storageError } from "./errors.ts";
import type { Home } from "./home.ts";

/** Runs a statement on a user's transaction. */
export interface Run {
  (statement: SqlStatement): Promise<SqlOutcome>;
  /**
   * Runs several in one round trip, none after one that failed, and tells what
   * came of the last; where it is missing, they are run one by one.
   */
  readonly together?: (
    statements: readonly SqlStatement[],
  ) => Promise<SqlOutcome>;
  /**
   * Runs several of which nothing is asked, none after one that failed; missing
   * where it saves nothing. `false` when they did not all succeed.
   */
  readonly script?: (statements: readonly SqlStatement[]) => Promise<boolean>;
}

/** Runs a statement on a user's transaction; it has run when it returns. */
export type SyncRun = (statement: SqlStatement) => SqlOutcome;

/** Checks a handle for an action, throwing what it refuses; then runs statements on it. */
export type Enter<Tx> = (tx: Tx, action: string) => Run;

/** An {@link Enter} of a driver that answers at once. */
export type SyncEnter<Tx> = (tx: Tx, action: string) => SyncRun;

/** A transaction, what is done through it, and the outbox that it must belong to. */
export interface Target<R = Run | SyncRun> {
  /** What is being done, as a verb phrase. */
  readonly action: string;
  /** Runs a statement. */
  readonly run: R;
  /** The outbox. */
  readonly home: Home;
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

/** Performs work on a driver that promises its answers. */
export async function perform<T>(
  target: Target<Run>,
  steps: Steps<T>,
): Promise<T> {
  try {
    let step = steps.next();
    while (!step.done) {
      step = steps.next(await outcomeOf(target.run, step.value));
    }
    return step.value;
  } catch (thrown) {
    throw meaningOf(target, thrown);
  }
}

/** Performs work on a driver that answers at once. */
export function performSync<T>(target: Target<SyncRun>, steps: Steps<T>): T {
  try {
    let step = steps.next();
    while (!step.done) {
      let outcome: SqlOutcome = NOTHING;
      for (const statement of step.value) outcome = target.run(statement);
      step = steps.next(outcome);
    }
    return step.value;
  } catch (thrown) {
    throw meaningOf(target, thrown);
  }
}

async function outcomeOf(
  run: Run,
  statements: readonly SqlStatement[],
): Promise<SqlOutcome> {
  if (run.together !== undefined && statements.length > 1) {
    return await run.together(statements);
  }
  let outcome: SqlOutcome = NOTHING;
  for (const statement of statements) outcome = await run(statement);
  return outcome;
}

const NOTHING: SqlOutcome = { rows: [], changes: 0 };

function meaningOf({ action, home }: Target, thrown: unknown): MailboatError {
  const error = storageError(action, thrown);
  return error.code === "STORAGE_NOT_MIGRATED"
    ? home.refusal(action, thrown)
    : error;
}
