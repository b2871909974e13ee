/**
 * Items for `db.batch` over a driver that has batches only.
 *
 * @module
 */

import type { SQL } from "drizzle-orm";
import type { BatchItem } from "drizzle-orm/batch";
import type { SqlStatement } from "../sqlite/driver.ts";
import type { BatchGround } from "../sqlite/foundation.ts";
import { queryOf } from "./query.ts";

/** Makes items of a database; none runs before it is handed to `db.batch`. */
export function batchItems(
  db: { run(query: SQL): BatchItem<"sqlite"> },
  ground: BatchGround,
): (statement: SqlStatement) => BatchItem<"sqlite"> {
  return (statement) => {
    const bound = ground.bound(statement);
    const item = db.run(queryOf(bound));
    // 0.45 looks in the item for what it prepares for its own queries only.
    return Object.assign(item, { stmt: ground.prepare(bound.sql) });
  };
}
