/**
 * What compiles over a driver of drizzle that answers at once, with the types
 * of the driver itself.
 *
 * @module
 */

/** What is called how in the program of a driver. */
const storages = {
  "better-sqlite3": "betterSqlite3Storage",
  "bun-sqlite": "bunSqliteStorage",
  "node-sqlite": "nodeSqliteStorage",
} as const;

/** A driver that has types of its own. */
export type TypedDriver = keyof typeof storages;

/** Whether a driver is one of them. */
export function isTyped(driver: string): driver is TypedDriver {
  return driver in storages;
}

/** A program that has to compile; what must not says so. */
export function typedProgram(driver: TypedDriver): string {
  const storage = storages[driver];
  return `
import type { Client } from "@libsql/client";
import { createOutbox, type Draft } from "@mailboat/outbox";
import { drizzleStorage, drizzleTransactions } from "@mailboat/outbox/drizzle";
import { ${storage} } from "@mailboat/outbox/${driver}";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { drizzle } from "drizzle-orm/${driver}";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
export * from "@mailboat/outbox/drizzle/schema";

export const readings = sqliteTable("readings", { kwh: integer() });

export function use(draft: Draft<unknown>, client: Client): number {
  const db = drizzle("app.db");
  const storage = drizzleStorage(db, ${storage}(db.$client));
  const outbox = createOutbox({ storage });
  db.transaction((tx) => outbox.enqueue(tx, draft));
  // @ts-expect-error a database is no transaction
  outbox.enqueue(db, draft);
  // @ts-expect-error nor is the client beneath it
  outbox.enqueue(db.$client, draft);
  // @ts-expect-error a driver that answers at once needs a storage that does
  drizzleStorage(db, libsqlStorage(client));
  // @ts-expect-error drizzle's transactions do not wait for a handler there
  drizzleTransactions(db);
  return storage.transaction((tx) => {
    tx.insert(readings).values({ kwh: 4 }).run();
    tx.transaction((inner) => outbox.enqueue(inner, draft));
    return outbox.enqueue(tx, draft).length;
  });
}
`;
}
