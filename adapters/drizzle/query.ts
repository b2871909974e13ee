/**
 * Statements of ours in drizzle's hands.
 *
 * @module
 */

import { type SQL, sql } from "drizzle-orm";
import type { BoundStatement } from "../sqlite/foundation.ts";

/** The same text, with its parameters as drizzle has them. */
export function queryOf({ sql: text, args }: BoundStatement): SQL {
  const parts = text.split("?");
  return sql(Object.assign(parts, { raw: parts }), ...args);
}
