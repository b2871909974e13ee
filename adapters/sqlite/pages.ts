/**
 * Reading on: pages of messages, bounded in rows, bytes and rows looked at.
 *
 * @module
 */

import type {
  FailureRecord,
  Page,
  ReadLaneRequest,
  ReadRequest,
} from "../../mod.ts";
import { type Cell, jsonOf } from "./cells.ts";
import {
  integer,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
} from "./driver.ts";
import {
  failureFrom,
  failureOf,
  messagesFrom,
  messagesOf,
} from "./message_row.ts";
import type { Tables } from "./tables.ts";

/** A driver works without a pause, so one read looks at no more rows than this. */
const SCAN_ROWS = 5_000;

/** Where to look for a page, and what of it to take. */
export interface Scan {
  readonly after: number;
  readonly upTo: number;
  /** The condition on a row `l` that was looked at, and its arguments. */
  readonly wanted: string;
  readonly args: readonly SqlValue[];
  readonly limit: number;
  readonly maxBytes: number;
}

/** The next messages of all lanes but some. */
export function commonScan(tables: Tables, request: ReadRequest): Scan {
  const { exceptKeys } = request;
  // Preparing is what takes the time where little is read.
  const others = exceptKeys.length === 0 ? "" : `
      AND ("key" IS NULL OR "key" NOT IN (SELECT value FROM json_each(?)))`;
  return {
    ...request,
    upTo: Infinity,
    wanted: `NOT EXISTS (SELECT 1 FROM ${tables.failure} f
      WHERE f."seq" = l."seq")${others}`,
    args: others === "" ? [] : [JSON.stringify(exceptKeys)],
  };
}

/** The next messages of one lane. */
export function laneScan(tables: Tables, request: ReadLaneRequest): Scan {
  // A message whose key is damaged is in a lane of its own, as its record says.
  const lane = request.key === null
    ? `("key" IS NULL OR EXISTS (SELECT 1 FROM ${tables.failure} f
      WHERE f."seq" = l."seq" AND f."key" IS NULL))`
    : `"key" = ?`;
  return {
    ...request,
    wanted: `${lane} AND NOT EXISTS (SELECT 1 FROM ${tables.failure} f
      WHERE f."seq" = l."seq" AND f."state" IS NOT 'retry')`,
    args: request.key === null ? [] : [request.key],
  };
}

/**
 * Asks for a page as a whole, or for none of its messages where they are more
 * bytes than they may be: then {@link cutPageStatement} is the one to ask.
 */
export function pageStatement(tables: Tables, scan: Scan): SqlStatement {
  const whole = `SELECT "seq", "done" FROM found
  WHERE (SELECT total("bytes") FROM found) <= ? LIMIT ?`;
  return scanStatement(tables, scan, whole, [scan.maxBytes, scan.limit]);
}

/** Asks for a page that ends where its bytes do; its first message may be of any size. */
export function cutPageStatement(tables: Tables, scan: Scan): SqlStatement {
  const cut = `SELECT "seq", "done" FROM (
    SELECT *, row_number() OVER w "position", sum("bytes") OVER w "total"
    FROM found WINDOW w AS (ORDER BY "seq" ROWS UNBOUNDED PRECEDING)
  ) WHERE "position" <= ? AND ("position" = 1 OR "total" <= ?)`;
  return scanStatement(tables, scan, cut, [scan.limit, scan.maxBytes]);
}

/**
 * One statement, and so one view of the database: were the end of the scan
 * found by a second one, what was committed in between would be skipped.
 *
 * `looked` stays a query, as a table it would always be made whole; `found` is
 * a table, so that the scan stops with its last row. `taking` is the query for
 * what is taken of it.
 */
function scanStatement(
  { message }: Tables,
  scan: Scan,
  taking: string,
  args: readonly number[],
): SqlStatement {
  return {
    sql: `WITH looked AS NOT MATERIALIZED (
  SELECT "seq", "key", "done", octet_length("payload") "bytes" FROM ${message}
  WHERE "seq" > ? AND "seq" <= ? ORDER BY "seq" LIMIT ?
), found AS MATERIALIZED (
  SELECT "seq", "done", "bytes" FROM looked l WHERE ${scan.wanted} LIMIT ?
), taken AS MATERIALIZED (
  ${taking}
)
SELECT ${messagesFrom("m", `taken."done" IS 1`)},
  (SELECT count(*) FROM found) "found",
  CASE (SELECT count(*) FROM found) WHEN (SELECT count(*) FROM taken)
    THEN (SELECT CAST(json_array(count(*), max("seq")) AS BLOB) FROM looked)
  END "looked"
FROM taken CROSS JOIN ${message} m ON m."seq" = taken."seq"`,
    args: [
      integer(scan.after),
      integer(scan.upTo),
      integer(SCAN_ROWS),
      ...scan.args,
      integer(scan.limit + 1),
      ...args.map(integer),
    ],
  };
}

/** A page, and the rows met that only keep their sequence from being used again. */
export interface ReadPage {
  /** The page. */
  readonly page: Page;
  /** The sequences of the rows that are done. */
  readonly done: readonly number[];
  /** Whether it would have been longer, had it been allowed more bytes. */
  readonly isCut: boolean;
}

/** The page that a row tells of; `null` where it was too many bytes to be read as a whole. */
export function pageOf(
  row: SqlRow | undefined,
  { after, limit }: Pick<Scan, "after" | "limit">,
): ReadPage | null {
  const taken = messagesOf<number>(row);
  const isCut = taken.length < Math.min(Number(row?.["found"]), limit);
  if (isCut && taken.length === 0) return null;
  const messages = taken.filter(({ extra }) => extra !== 1)
    .map(({ message }) => message);
  const done = taken.filter(({ extra }) => extra === 1)
    .map(({ message }) => message.seq);
  const looked = jsonOf<[number, number | null]>(row?.["looked"]);
  if (looked === null) {
    const scannedTo = taken.at(-1)?.message.seq ?? after;
    return { page: { messages, scannedTo, end: false }, done, isCut };
  }
  const [rows, last] = looked;
  const end = rows < SCAN_ROWS;
  return { page: { messages, scannedTo: last ?? after, end }, done, isCut };
}

/** Asks for failure records. */
export function failuresStatement(
  tables: Tables,
  request: { readonly after: number; readonly limit: number },
): SqlStatement {
  return {
    sql:
      `SELECT CAST(json_group_array(${failureFrom()}) AS BLOB) "records" FROM (
 
  SELECT * FROM ${tables.failure} WHERE "seq" > ? ORDER BY "seq" LIMIT ?
)`,
    args: [integer(request.after), integer(request.limit)],
  };
}

/** The records that a row of {@link failuresStatement} tells of. */
export function failuresOf(row: SqlRow | undefined): FailureRecord[] {
  return (jsonOf<Cell[][]>(row?.["records"]) ?? []).map(failureOf);
}
