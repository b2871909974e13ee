/**
 * The gateway's database: its business tables, and the transaction that
 * writes a reading and enqueues its event.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { TransactionRollbackError } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import {
  integer,
  primaryKey,
  sqliteTable,
  text,
} from "drizzle-orm/sqlite-core";
import { deviceRead, type Reading } from "./events.ts";

/** The latest state of each device. */
const devices = sqliteTable("devices", {
  device: text().primaryKey(),
  reading: integer().notNull(),
  takenAtMs: integer("taken_at_ms").notNull(),
  values: text({ mode: "json" }).notNull(),
});

/** Every reading that was kept. */
const history = sqliteTable("history", {
  device: text().notNull(),
  reading: integer().notNull(),
  takenAtMs: integer("taken_at_ms").notNull(),
  values: text({ mode: "json" }).notNull(),
}, (table) => [primaryKey({ columns: [table.device, table.reading] })]);

/** What drizzle-kit would generate; an application lets it. */
const ddl = `
  CREATE TABLE devices (
    device TEXT PRIMARY KEY, reading INTEGER NOT NULL,
    taken_at_ms INTEGER NOT NULL, "values" TEXT NOT NULL
  );
  CREATE TABLE history (
    device TEXT NOT NULL, reading INTEGER NOT NULL,
    taken_at_ms INTEGER NOT NULL, "values" TEXT NOT NULL,
    PRIMARY KEY (device, reading)
  );`;

/** Identifies a reading, in the database and on the wire. */
export interface ReadingRef {
  readonly device: string;
  readonly reading: number;
}

/** What the sampling process does with its database. */
export interface GatewayDatabase {
  /**
   * Updates the device, appends to its history and enqueues the event: all
   * three or, when `withdrawn`, none of them. Tells whether it was kept.
   */
  record(reading: Reading, withdrawn: boolean): Promise<boolean>;
  /** The readings that were committed: what the consumer must have received. */
  committed(): Promise<readonly ReadingRef[]>;
  /** Gives the database back. */
  close(): void;
}

/** Creates the tables in a new file and opens it. */
export async function openGatewayDatabase(
  url: string,
): Promise<GatewayDatabase> {
  // The relay writes to this file as well, from its own process: a statement
  // waits up to five seconds for its short transactions.
  const client = createClient({ url, timeout: 5_000 });
  // Write-ahead logging lets the relay read while this process writes. The
  // default `synchronous=FULL` makes every commit survive a power cut.
  await client.execute("PRAGMA journal_mode = WAL");
  await client.executeMultiple(ddl);
  const db = drizzle({ client });
  const storage = drizzleStorage(db, libsqlStorage(client));
  await storage.migrate();
  const outbox = createOutbox({ storage });

  return {
    async record({ gateway, ...row }, withdrawn) {
      const { device, reading, takenAtMs, values } = row;
      try {
        await db.transaction(async (tx) => {
          await tx.insert(devices).values(row).onConflictDoUpdate({
            target: devices.device,
            set: { reading, takenAtMs, values },
          });
          await tx.insert(history).values(row);
          await outbox.enqueue(tx, deviceRead({ gateway, ...row }));
          if (withdrawn) tx.rollback();
        });
        return true;
      } catch (error) {
        if (error instanceof TransactionRollbackError) return false;
        throw new Error(`Cannot record ${device} ${reading}`, { cause: error });
      }
    },
    committed: async () =>
      await db.select({ device: history.device, reading: history.reading })
        .from(history),
    close: () => client.close(),
  };
}
