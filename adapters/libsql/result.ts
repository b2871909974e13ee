/**
 * Results of `@libsql/client`, of a file or of a server.
 *
 * @module
 */

import {
  cellOf,
  type SqlCell,
  type SqlOutcome,
  type SqlRow,
} from "../sqlite/driver.ts";

/** A result of the client, as far as it is read. */
export interface LibsqlResult {
  /** The names of the columns. */
  readonly columns: readonly string[];
  /** The rows; values by position. */
  readonly rows: ArrayLike<{ readonly [position: number]: unknown }>;
  /** How many rows were changed, by a statement that returns none. */
  readonly rowsAffected: number;
}

/** The rows of a result, by column name, whatever the client makes of integers. */
export function rowsOf({ columns, rows }: LibsqlResult): SqlRow[] {
  return Array.from(rows, (row) => {
    const cells = columns.map((column, at): [string, SqlCell] => [
      column,
      cellOf(row[at]),
    ]);
    return Object.fromEntries(cells);
  });
}

/** What came of a statement on a user's transaction. */
export function outcomeOf(result: LibsqlResult): SqlOutcome {
  return { rows: rowsOf(result), changes: result.rowsAffected };
}
