/**
 * Statements of ours in drizzle's hands.
 *
 * @module
 */

import { type SQL, sql } from "drizzle-orm";
import type { SqlStatement } from "../sqlite/driver.ts";
import { clientOf } from "./internals.ts";

/** The same text, with its parameters as drizzle has them. */
export function queryOf({ sql: text, args }: SqlStatement): SQL {
  const parts = text.split("?");
  return sql(Object.assign(parts, { raw: parts }), ...args);
}

/**
 * An item for a database's batch.
 *
 * That of D1 in drizzle 0.45 binds values to what an item has prepared, and
 * items of `run` have prepared nothing.
 */
export function itemOf<Item extends object>(
  db: { run(query: SQL): Item },
  statement: SqlStatement,
): Item {
  const item = db.run(queryOf(statement));
  const { prepare } = clientOf(db) as Partial<D1Database>;
  if (typeof prepare !== "function") return item;
  const stmt = prepare.call(clientOf(db), statement.sql);
  return Object.assign(item, { stmt });
}

interface D1Database {
  prepare(sql: string): unknown;
}
