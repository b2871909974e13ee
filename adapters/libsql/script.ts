/**
 * Scripts: statements as one text with their values in it.
 *
 * This client prepares every statement anew, in four calls of which one throws;
 * a script takes one call, whatever the number of its statements.
 *
 * @module
 */

import type { SqlStatement, SqlValue } from "../sqlite/driver.ts";
import { isBusy, isFull } from "../sqlite/errors.ts";
import { returnsRows } from "../sqlite/sync_connection.ts";
import type { Run } from "../sqlite/transaction.ts";
import { hexOf } from "./hex.ts";

/** What runs scripts. */
export interface Scriptable {
  /** Runs a script, and leaves nothing behind. */
  executeMultiple(sql: string): Promise<void>;
}

/** How a transaction runs scripts. */
export function scriptsOn(tx: Scriptable): NonNullable<Run["script"]> {
  return async (statements) => {
    const script = scriptOf(statements);
    if (script === null) return false;
    try {
      await tx.executeMultiple(script);
      return true;
    } catch (thrown) {
      // A prepared statement that meets a lock would spoil the connection, and
      // SQLite may have ended the transaction where the disk is full.
      if (isBusy(thrown) || isFull(thrown)) throw thrown;
      return false;
    }
  };
}

/** SQLite reads no text of more than 1,000,000 bytes; what is long gains little. */
const MAX_CHARACTERS = 100_000;

/**
 * Statements that return no rows, as a script; `null` where that cannot be, as
 * one returns rows or the text would be too long.
 */
export function scriptOf(statements: readonly SqlStatement[]): string | null {
  if (statements.some(returnsRows)) return null;
  const script = statements.map(writtenOut).join(";\n");
  return script.length > MAX_CHARACTERS ? null : script;
}

function writtenOut({ sql, args }: SqlStatement): string {
  const [first, ...rest] = sql.split("?");
  return rest.reduce(
    (text, part, at) => text + literalOf(args[at] ?? null) + part,
    first ?? "",
  );
}

/** A value as SQL writes it (https://sqlite.org/lang_expr.html#literal_values_constants_). */
function literalOf(value: SqlValue): string {
  if (value === null) return "NULL";
  if (typeof value === "bigint") return `${value}`;
  if (typeof value !== "string") return `x'${hexOf(value)}'`;
  // A script ends at U+0000.
  return value.includes("\0")
    ? `CAST(x'${hexOf(new TextEncoder().encode(value))}' AS TEXT)`
    : `'${value.replaceAll("'", "''")}'`;
}
