/**
 * drizzle over a D1 database, as the conformance cases see it.
 *
 * @module
 */

import { d1Storage } from "@mailboat/outbox/d1";
import {
  type DrizzleStatement,
  drizzleStorage,
} from "@mailboat/outbox/drizzle";
import type { BatchHarness } from "@mailboat/outbox/testing";
import { drizzle, type DrizzleD1Database } from "drizzle-orm/d1";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { createD1Harness, type Database } from "./d1_harness.ts";

/** The rows of the business. */
export const business = sqliteTable("business", { id: text() });

/** drizzle over a database, and the storage on it. */
export function drizzleOver(database: Database): {
  readonly db: DrizzleD1Database;
  readonly storage: BatchHarness<DrizzleStatement>["storage"];
} {
  const db = drizzle(database);
  return { db, storage: drizzleStorage(db, d1Storage(database)) };
}

/** Runs items as one batch; drizzle asks for a first one by type. */
export async function batched(
  db: DrizzleD1Database,
  items: readonly DrizzleStatement[],
): Promise<readonly unknown[]> {
  return await db.batch(items as [DrizzleStatement]);
}

/** Makes harnesses on one database, one after the other. */
export async function createDrizzleD1Harness(
  database: Database,
): Promise<BatchHarness<DrizzleStatement>> {
  return over(await createD1Harness(database), database);
}

function over(
  inner: Awaited<ReturnType<typeof createD1Harness>>,
  database: Database,
): BatchHarness<DrizzleStatement> {
  const { db, storage } = drizzleOver(database);
  const underway = new Set<Promise<unknown>>();
  return {
    ...inner,
    storage,
    plainHandle: db,
    batch: async (items) => {
      const running = batched(db, items);
      underway.add(running);
      await running.finally(() => underway.delete(running));
    },
    rowStatement: (id) => db.insert(business).values({ id }),
    restart: async () => {
      // What was sent arrives, whether or not its sender lives.
      await Promise.allSettled(underway);
      return over(await inner.restart(), database);
    },
  };
}
