/**
 * The home of an outbox: what tells its own database from every other.
 *
 * @module
 */

import type { MailboatError } from "../../mod.ts";
import type { SqlCondition, Steps } from "./driver.ts";
import { refusedTransaction } from "./errors.ts";
import { notMigrated } from "./migration.ts";
import type { Tables } from "./tables.ts";

/** The outbox that a transaction must belong to. */
export interface Home {
  /** The names of its tables. */
  readonly tables: Tables;
  /** What holds for the row of the relay's table there, and nowhere else. */
  readonly row: SqlCondition;
  /** Why a transaction in which there is no such row is refused. */
  readonly refusal: (action: string, cause?: unknown) => MailboatError;
}

/** A home that is known by the name that its database told. */
export function homeByName(tables: Tables, identity: string): Home {
  return {
    tables,
    row: { where: `"identity" = ?`, args: [identity] },
    refusal: (action, cause) =>
      refusedTransaction(
        "FOREIGN_TRANSACTION",
        action,
        cause === undefined
          ? "a transaction on another outbox"
          : "a transaction on a database without these tables",
        cause,
      ),
  };
}

/** A home whose transactions are known already to be on its own database. */
export function homeByConnection(tables: Tables): Home {
  return {
    tables,
    row: { where: `"id" = 0`, args: [] },
    refusal: (action) => notMigrated(action, 0),
  };
}

/** Fails unless the transaction is on the outbox's own database. */
export function* requireHome(action: string, home: Home): Steps<void> {
  const { tables, row: { where, args } } = home;
  const { rows } = yield [{
    sql: `SELECT 1 "home" FROM ${tables.relay} WHERE ${where}`,
    args: [...args],
  }];
  if (rows.length === 0) throw home.refusal(action);
}
