/**
 * The ledger of commits: each transaction leaves its id in it, so that one
 * whose answer was lost can be looked up afterwards.
 *
 * @module
 */

import { integer, type SqlStatement } from "../sqlite/driver.ts";
import { namesBehind } from "../sqlite/tables.ts";
import { type LibsqlResult, rowsOf } from "./result.ts";

/** How many of the newest ids are kept at any rate. */
const KEPT = 10_000;

/** For how long every id is kept, in s; longer than anybody asks for one. */
const KEPT_S = 900;

/** How many old ids go with each commit: more than come. */
const GOING = 10;

/** The name of the ledger's table, quoted. */
export type Ledger = string;

/**
 * The ledger beside the tables with a prefix.
 *
 * @throws {InputError} `INVALID_OPTION` when the prefix is not an identifier.
 */
export function ledgerOf(prefix: string | undefined): Ledger {
  return namesBehind(prefix)("commit");
}

/** The statement that makes the table, a no-op when it is there. */
export function createLedger(ledger: Ledger): string {
  return `CREATE TABLE IF NOT EXISTS ${ledger} (
  "number" integer PRIMARY KEY NOT NULL,
  "id" text UNIQUE NOT NULL,
  "committed" integer NOT NULL,
  "at_s" integer NOT NULL
)`;
}

/**
 * The first statements of a transaction. They fail where the transaction was
 * declared rolled back before they arrived.
 */
export function signingStatements(ledger: Ledger, id: string): SqlStatement[] {
  return [entry(ledger, id, 1, ""), removal(ledger)];
}

/**
 * Asks for an outcome, in a write transaction: it waits for the lock, so that
 * the transaction in doubt is over. Where nothing is found, it is declared
 * rolled back, so that what comes late fails.
 */
export function inquiryStatements(ledger: Ledger, id: string): SqlStatement[] {
  return [
    entry(ledger, id, 0, `ON CONFLICT ("id") DO NOTHING`),
    { sql: `SELECT "committed" FROM ${ledger} WHERE "id" = ?`, args: [id] },
  ];
}

/** Whether it was committed, as {@link inquiryStatements} tell. */
export function isCommitted(results: readonly LibsqlResult[]): boolean {
  const [, found] = results;
  return found !== undefined && rowsOf(found)[0]?.["committed"] === 1;
}

function entry(
  ledger: Ledger,
  id: string,
  committed: 0 | 1,
  otherwise: string,
): SqlStatement {
  return {
    sql: `INSERT INTO ${ledger} ("id", "committed", "at_s")
VALUES (?, ?, unixepoch()) ${otherwise}`,
    args: [id, integer(committed)],
  };
}

function removal(ledger: Ledger): SqlStatement {
  return {
    sql: `DELETE FROM ${ledger} WHERE "number" IN (
  SELECT "number" FROM ${ledger} ORDER BY "number" LIMIT ?
) AND "number" <= (SELECT max("number") FROM ${ledger}) - ?
AND "at_s" < unixepoch() - ?`,
    args: [integer(GOING), integer(KEPT), integer(KEPT_S)],
  };
}
