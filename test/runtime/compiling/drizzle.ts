/**
 * A service over drizzle as its author writes it.
 *
 * @module
 */

import { createOutbox, defineEvent } from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { drizzle } from "drizzle-orm/libsql";
import { real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import * as v from "valibot";

export * from "@mailboat/outbox/drizzle/schema";

export const reading = sqliteTable("reading", {
  meter: text().notNull(),
  kwh: real().notNull(),
});

export const meterRead = defineEvent("meter.read", {
  schema: v.object({ meter: v.string(), kwh: v.number() }),
  topic: (event) => `meters/${event.meter}`,
});

export const db = drizzle({ connection: "file:app.db" });
export const outbox = createOutbox({ storage: drizzleStorage(db) });

export async function read(values: typeof reading.$inferInsert): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.insert(reading).values(values);
    await outbox.enqueue(tx, meterRead(values));
  });
}
