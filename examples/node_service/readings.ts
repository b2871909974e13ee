/**
 * The service's database: a reading is a row and a message, or neither.
 *
 * @module
 */

import {
  createOutbox,
  defineEvent,
  type EventDefinition,
  type StorageBase,
} from "@mailboat/outbox";
import { drizzleStorage, drizzleTransactions } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { drizzle } from "drizzle-orm/libsql";
import { real, sqliteTable, text } from "drizzle-orm/sqlite-core";
import * as v from "valibot";

/** What a client posts. */
export interface Reading {
  readonly meter: string;
  readonly kwh: number;
}

/** Checks a reading: where it is posted, and again where it arrives. */
export const readingSchema: v.GenericSchema<Reading> = v.object({
  meter: v.pipe(v.string(), v.regex(/^[a-z0-9-]{1,32}$/)),
  kwh: v.pipe(v.number(), v.finite(), v.minValue(0)),
});

/** Readings of one meter share its key: they arrive in the order of their commits. */
export const meterRead: EventDefinition<Reading> = defineEvent("meter.read", {
  schema: readingSchema,
  topic: (event) => `meters/${event.meter}`,
  key: (event) => event.meter,
});

const readings = sqliteTable("readings", {
  id: text().primaryKey(),
  meter: text().notNull(),
  kwh: real().notNull(),
});

/** The readings, and the storage that a relay delivers from. */
export interface Readings {
  readonly storage: StorageBase;
  /**
   * Writes the row and enqueues its message, both under the id it resolves with.
   *
   * @throws {Error} when the database did not take them.
   */
  record(reading: Reading): Promise<string>;
  /** Gives the database back. */
  close(): void;
}

/** Opens the database file, and makes its tables unless they are there. */
export async function openReadings(path: string): Promise<Readings> {
  const db = drizzle(`file:${path}`);
  await db.run("PRAGMA journal_mode = WAL");
  // What drizzle-kit would generate; an application lets it.
  await db.run(
    `CREATE TABLE IF NOT EXISTS readings (
      id TEXT PRIMARY KEY, meter TEXT NOT NULL, kwh REAL NOT NULL
    )`,
  );
  const storage = drizzleStorage(db, libsqlStorage(db.$client));
  await storage.migrate();
  const outbox = createOutbox({ storage });
  // `db.transaction`, one after the other: requests come at the same time, and
  // SQLite has one writer.
  const database = drizzleTransactions(db);
  return {
    storage,
    record: async (reading) => {
      const id = outbox.newId();
      await database.transaction(async (tx) => {
        await tx.insert(readings).values({ id, ...reading });
        await outbox.enqueue(tx, meterRead(reading, { id }));
      });
      return id;
    },
    close: () => db.$client.close(),
  };
}
