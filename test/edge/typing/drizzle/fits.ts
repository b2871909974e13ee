/**
 * What compiles with drizzle, in either version, over the platform's own types.
 */

import { createOutbox, type Draft } from "@mailboat/outbox";
import { d1Storage } from "@mailboat/outbox/d1";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { durableObjectStorage } from "@mailboat/outbox/durable-object";
import { drizzle } from "drizzle-orm/d1";
import { drizzle as drizzleObject } from "drizzle-orm/durable-sqlite";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";

const readings = sqliteTable("readings", { kwh: integer() });

/** Never called: it is enough that it compiles. */
export async function d1Fits(DB: D1Database, draft: Draft): Promise<number> {
  const db = drizzle(DB);
  const storage = drizzleStorage(db, d1Storage(db.$client));
  const outbox = createOutbox({ storage });
  const { statements } = await outbox.prepare(draft);
  const [rows] = await db.batch([
    db.insert(readings).values({ kwh: 4 }).returning(),
    ...statements,
  ]);
  // @ts-expect-error a database is no transaction, and there is none
  await outbox.enqueue(db, draft);
  await db.transaction(async (tx) => {
    // @ts-expect-error nor is what drizzle makes one of, which D1 refuses
    await outbox.enqueue(tx, draft);
  });
  // @ts-expect-error there is no inbox either
  storage.inbox;
  return rows.length;
}

/** Never called. */
export function objectFits(
  { storage: database }: DurableObjectState,
  draft: Draft,
): number {
  const db = drizzleObject(database);
  const storage = drizzleStorage(db, durableObjectStorage(db.$client));
  const outbox = createOutbox({ storage });
  // @ts-expect-error a database is no transaction
  outbox.enqueue(db, draft);
  // @ts-expect-error nor is the storage of the object
  outbox.enqueue(database, draft);
  return storage.transaction((tx) => {
    tx.insert(readings).values({ kwh: 4 }).run();
    tx.transaction((inner) => outbox.enqueue(inner, draft));
    return outbox.enqueue(tx, draft).length;
  });
}

/** Never called. */
export function othersDoNotFit(
  DB: D1Database,
  { storage: database }: DurableObjectState,
): void {
  // @ts-expect-error a driver that answers at once needs a storage that does
  drizzleStorage(drizzleObject(database), d1Storage(DB));
  // @ts-expect-error and one that promises its answers a storage that does
  drizzleStorage(drizzle(DB), durableObjectStorage(database));
}
