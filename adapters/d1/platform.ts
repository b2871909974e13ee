/**
 * What the platform gives a worker that has a D1 database.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";

/** What a statement came to. */
export interface D1Answer {
  /** Its rows. */
  readonly results: readonly unknown[];
}

/** What Mailboat asks of a prepared statement. */
export interface D1Statement<Self> {
  /** Gives its parameters their values. */
  bind(...values: readonly unknown[]): Self;
  /** Runs it for its rows. */
  all(): Promise<D1Answer>;
}

/** What Mailboat asks of a database: a binding such as `env.DB`. */
export interface D1DatabaseLike<Statement extends D1Statement<Statement>> {
  /** Prepares a statement. */
  prepare(query: string): Statement;
  /** Runs statements in one transaction: all of them, or none. */
  batch(statements: Statement[]): Promise<readonly D1Answer[]>;
}

/**
 * Fails for what is no database.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function requireDatabase(action: string, value: unknown): void {
  const database = value as {
    readonly prepare?: unknown;
    readonly batch?: unknown;
    readonly getBookmark?: unknown;
  } | null;
  const isOne = typeof database?.prepare === "function" &&
    typeof database.batch === "function";
  const isSession = typeof database?.getBookmark === "function";
  if (isOne && !isSession) return;
  throw new InputError("INVALID_OPTION", {
    action,
    field: "database",
    required: "the binding of a D1 database itself",
    // A replica shows what was delivered long ago as if it was waiting.
    found: isSession
      ? "a session, which may read from a replica"
      : shorten(value),
  });
}
