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
  { message }: Tables,
  { where, args }: SqlCondition,
): SqlStatement[] {
  const newest = `(SELECT max("seq") FROM ${message})`;
  return [
    {
      sql: `DELETE FROM ${message} WHERE ${where} AND +"seq" < ${newest}`,
      args: [...args],
    },
    {
      sql: `UPDATE ${message} SET "done" = 1, "chosen_id" = 0, "key" = NULL,
  "headers" = NULL, "correlation_data" = NULL, "payload" = x''
WHERE ${where} AND "done" IS NOT 1 AND +"seq" = ${newest}`,
      args: [...args],
    },
  ];
}
