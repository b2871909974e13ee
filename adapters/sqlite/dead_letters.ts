/**
 * Dead letters: messages with a failure record that waits for an operator.
 *
 * @module
 */

import type {
  DeadLetter,
  DeadLetterFilter,
  DeadLetterStore,
} from "../../mod.ts";
import type { Cell } from "./cells.ts";
import {
  integer,
  type SqlCondition,
  type SqlRow,
  type SqlStatement,
} from "./driver.ts";
import {
  failureFrom,
  failureOf,
  messagesFrom,
  messagesOf,
} from "./message_row.ts";
import { removal } from "./removal.ts";
import type { Tables } from "./tables.ts";

/** Asks for dead letters. */
export function listDeadStatement(
  tables: Tables,
  request: Parameters<DeadLetterStore["listDead"]>[0],
): SqlStatement {
  const { failure, message } = tables;
  const dead = deadOf(tables, request.filter);
  return {
    sql: `WITH taken AS MATERIALIZED (
  SELECT "seq" FROM ${failure} WHERE ${dead.where} AND "seq" > ?
  ORDER BY "seq" LIMIT ?
)
SELECT ${messagesFrom("m", failureFrom("f"))} FROM taken
CROSS JOIN ${message} m ON m."seq" = taken."seq"
CROSS JOIN ${failure} f ON f."seq" = taken."seq"`,
    args: [...dead.args, integer(request.after), integer(request.limit)],
  };
}

/** The dead letters that a row of {@link listDeadStatement} tells of. */
export function deadLettersOf(row: SqlRow | undefined): DeadLetter[] {
  return messagesOf<Cell[]>(row)
    .map(({ message, extra }) => ({ message, failure: failureOf(extra) }));
}

/** Makes dead letters live again; {@link changedOf} tells how many. */
export function retryDeadStatements(
  tables: Tables,
  filter: DeadLetterFilter,
): readonly SqlStatement[] {
  const { where, args } = deadOf(tables, filter);
  return [
    {
      sql: `UPDATE ${tables.failure}
SET "state" = 'retry', "holds" = 1, "attempts" = 0, "deaths" = 0, "delay_ms" = 0
WHERE ${where}`,
      args: [...args],
    },
    ...revising(tables),
  ];
}

/** Removes dead letters for good; {@link changedOf} tells how many. */
export function discardDeadStatements(
  tables: Tables,
  filter: DeadLetterFilter,
): readonly SqlStatement[] {
  const { failure, message } = tables;
  const { where, args } = deadOf(tables, filter);
  return [
    ...removal(tables, {
      where: `"seq" IN (SELECT "seq" FROM ${failure} WHERE ${where})`,
      args,
    }),
    {
      sql: `DELETE FROM ${failure} WHERE "state" IS NOT 'retry' AND NOT EXISTS (
  SELECT 1 FROM ${message} m WHERE m."seq" = ${failure}."seq" AND m."done" IS NOT 1
)`,
      args: [],
    },
    ...revising(tables),
  ];
}

/** How many dead letters a change found. */
export function changedOf(results: readonly (readonly SqlRow[])[]): number {
  return Number(results.at(-2)?.[0]?.["changed"] ?? 0);
}

/** Which failure records belong to the dead letters that are meant. */
function deadOf(
  { failure, message }: Tables,
  { id, key, topic }: DeadLetterFilter,
): SqlCondition {
  const given = Object.entries({ id, key, topic })
    .filter((entry): entry is [string, string] => entry[1] !== undefined);
  const matches = given.map(([column]) => ` AND m."${column}" = ?`).join("");
  return {
    where: `"state" IS NOT 'retry' AND EXISTS (SELECT 1 FROM ${message} m
  WHERE m."seq" = ${failure}."seq" AND m."done" IS NOT 1${matches})`,
    args: given.map(([, value]) => value),
  };
}

/** Tells how many records the last statement changed, and raises the revision if any. */
function revising({ relay }: Tables): SqlStatement[] {
  return [
    { sql: `SELECT changes() "changed"`, args: [] },
    {
      sql: `UPDATE ${relay} SET "revision" = "revision" + 1
WHERE "id" = 0 AND changes() > 0`,
      args: [],
    },
  ];
}
