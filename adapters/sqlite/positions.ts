/**
 * Positions, read and forgotten; a trigger counts them.
 *
 * @module
 */

import { type Cell, jsonOf } from "./cells.ts";
import {
  integer,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from "./driver.ts";
import { type PositionTables, TO_BE_COUNTED } from "./position_tables.ts";

/** The position that a cell tells of; `null` for what is none. */
export function positionOf(cell: Cell | undefined): number | null {
  if (typeof cell !== "number" || !Number.isSafeInteger(cell)) return null;
  return cell > TO_BE_COUNTED ? cell - TO_BE_COUNTED : null;
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
