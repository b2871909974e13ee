/**
 * A service over drizzle as its author writes it.
 *
 * @module
 */

import { createOutbox, defineEvent } from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
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
export const storage = drizzleStorage(db, libsqlStorage(db.$client));
export const outbox = createOutbox({ storage });

export async function read(values: typeof reading.$inferInsert): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.insert(reading).values(values);
    await outbox.enqueue(tx, meterRead(values));
  });
}
