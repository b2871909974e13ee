/**
 * Removal: how messages leave the queue without giving their sequence away.
 *
 * @module
 */

import type { SqlCondition, SqlStatement } from "./driver.ts";
import type { Tables } from "./tables.ts";

/**
 * Removes the messages that match.
 *
 * A new row takes the sequence after the highest one in the table. So the
 * newest row stays: emptied, marked as done, and removed along with a later
 * one. It has no key, so that every read on meets it, whatever lanes are left
 * out. AUTOINCREMENT would do the same for one more page written per commit.
 */
export function removal(
  tables: Tables,
  matching: SqlCondition,
): SqlStatement[] {
  const { where, args } = matching;
  return [
    removalOfOlder(tables, matching),
    {
      sql:
        `UPDATE ${tables.message} SET "done" = 1, "chosen_id" = 0, "key" = NULL,
  "headers" = NULL, "correlation_data" = NULL, "payload" = x''
WHERE ${where} AND "done" IS NOT 1 AND +"seq" = ${newestOf(tables)}`,
      args: [...args],
    },
  ];
}

/** Removes those of the messages that match which are not the newest. */
export function removalOfOlder(
  tables: Tables,
  { where, args }: SqlCondition,
): SqlStatement {
  return {
    sql: `DELETE FROM ${tables.message} WHERE ${where} AND +"seq" < ${
      newestOf(tables)
    }`,
    args: [...args],
  };
}

function newestOf({ message }: Tables): string {
  return `(SELECT max("seq") FROM ${message})`;
}
