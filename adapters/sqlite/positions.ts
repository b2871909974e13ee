/**
 * Positions: given out, read and forgotten.
 *
 * Two statements: the first counts what the second stores. Between them
 * nobody else may count in their transaction.
 *
 * @module
 */

import type { NewMessage } from "../../mod.ts";
import { type Cell, jsonOf } from "./cells.ts";
import {
  integer,
  type SqlCondition,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from "./driver.ts";
import type { PositionTables } from "./position_tables.ts";
import type { Tables } from "./tables.ts";

/** The position that a cell tells of; `null` for what is none. */
export function positionOf(cell: Cell | undefined): number | null {
  const isOne = typeof cell === "number" && Number.isSafeInteger(cell);
  return isOne && cell > 0 ? cell : null;
}

/** Whether a message has a position. */
export function isCounted({ counted, key }: NewMessage): boolean {
  return counted && key !== null;
}

/** Whether an id, as an expression, is one that was chosen and is stored. */
export function isThere({ message }: Pick<Tables, "message">, id: string) {
  return `EXISTS (SELECT 1 FROM ${message} m
  WHERE m."id" = ${id} AND m.chosen_id = 1)`;
}

/**
 * Raises the counters by what the next statement stores, no two with one id
 * that was chosen; one that is there already takes no number.
 */
export function countStatement(
  tables: Tables,
  messages: readonly NewMessage[],
  home: SqlCondition,
): SqlStatement {
  const [only] = messages;
  const { sql, args } = only !== undefined && messages.length === 1
    ? countOfOne(tables, only, home)
    : countsOfMany(tables, messages, home);
  return {
    sql: `INSERT INTO ${tables.position} ("key", "position", "seq")
${sql}
ON CONFLICT ("key") DO UPDATE
SET "position" = "position" + excluded."position", "seq" = excluded."seq"`,
    args,
  };
}

function countOfOne(
  tables: Tables,
  { key, id, chosenId }: NewMessage,
  home: SqlCondition,
): SqlStatement {
  const isNew = chosenId ? `AND NOT ${isThere(tables, "?")}` : "";
  return {
    sql: `SELECT ?, 1, ${newest(tables)} + 1 WHERE ${home.where} ${isNew}`,
    args: [key, ...home.args, ...chosenId ? [id] : []],
  };
}

function countsOfMany(
  tables: Tables,
  messages: readonly NewMessage[],
  home: SqlCondition,
): SqlStatement {
  const rows = messages.map((one) => [
    isCounted(one) ? one.key : null,
    one.chosenId ? one.id : null,
  ]);
  return {
    sql: `SELECT "lane", count(*), ${newest(tables)} + max("nth") FROM (
  SELECT value ->> 0 "lane", row_number() OVER (ORDER BY "key") "nth"
  FROM json_each(?)
  WHERE ${home.where} AND NOT ${isThere(tables, "value ->> 1")}
) WHERE "lane" IS NOT NULL GROUP BY "lane"`,
    args: [JSON.stringify(rows), ...home.args],
  };
}

function newest({ message }: Tables): string {
  return `(SELECT coalesce(max("seq"), 0) FROM ${message})`;
}

/** What a look at some counters came to. */
export interface Look {
  /** The counters that may go. */
  readonly stale: readonly number[];
  /** Where to go on; 0 begins again. */
  readonly next: number;
}

/**
 * Looks at some counters, beyond one of them; `null` begins anywhere, so that
 * many short runs come by all of them.
 */
export function lookStatement(
  { position }: PositionTables,
  after: number | null,
  request: { readonly countedBefore: number; readonly limit: number },
): SqlStatement {
  const args: SqlValue[] = [
    after === null ? null : integer(after),
    integer(request.limit),
    integer(request.countedBefore),
  ];
  return {
    sql: `WITH looked AS MATERIALIZED (
  SELECT rowid "row", "seq" FROM ${position} WHERE rowid > coalesce(?,
    (SELECT abs(random() % coalesce(max(rowid), 1)) FROM ${position})
  ) ORDER BY rowid LIMIT ?
)
SELECT CAST(json_array(
  json((SELECT json_group_array("row") FROM looked WHERE "seq" < ?)),
  count(*), coalesce(max("row"), 0)
) AS BLOB) "look" FROM looked`,
    args,
  };
}

/** What a row of {@link lookStatement} tells. */
export function lookOf(row: SqlRow | undefined, limit: number): Look {
  const [stale = [], looked = 0, last = 0] =
    jsonOf<[number[], number, number]>(row?.["look"]) ?? [];
  return { stale, next: looked < limit ? 0 : last };
}

/** Forgets counters, unless something was counted meanwhile; tells how many. */
export function forgetStatements(
  { position }: PositionTables,
  stale: readonly number[],
  countedBefore: number,
): readonly SqlStatement[] {
  return [
    {
      sql: `DELETE FROM ${position}
WHERE rowid IN (SELECT value FROM json_each(?)) AND "seq" < ?`,
      args: [JSON.stringify(stale), integer(countedBefore)],
    },
    { sql: `SELECT changes() "changed"`, args: [] },
  ];
}
