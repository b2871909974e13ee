/**
 * The drivers of drizzle that answer at once, as far as this project has them.
 *
 * They are looked for by name, as no installation has them all: 0.45 knows no
 * `node:sqlite`, and only Bun has `bun:sqlite`.
 *
 * @module
 */

import type { DrizzleSyncTransaction } from "@mailboat/outbox/drizzle";
import type {
  OwnTransactions,
  SyncFileStorage,
} from "@mailboat/outbox/node-sqlite";
import type { SQL } from "drizzle-orm";
import type { Database, SyncDriver } from "../conformance/sync_harness.ts";

/** A transaction of drizzle. */
export interface Tx extends DrizzleSyncTransaction {
  run(query: SQL): unknown;
  transaction<T>(work: (tx: Tx) => T): T;
}

/** A database of drizzle. */
export interface Db {
  run(query: SQL): unknown;
  all(query: SQL): readonly unknown[];
  transaction<T>(work: (tx: Tx) => T, config?: object): T;
}

/** A driver, and drizzle over it. */
export interface DrizzleDriver extends SyncDriver<Database> {
  /** drizzle over a database of the driver. */
  drizzle(client: object): Db;
  /** The driver's transactions for a consumer. */
  transactions(path: string): OwnTransactions<Database>;
}

/** Where the parts of a driver are, and what they are called there. */
interface Place {
  readonly package: string;
  readonly Database: string;
  readonly isTransaction: "isTransaction" | "inTransaction";
  readonly adapter: string;
  readonly storage: string;
  readonly transactions: string;
}

const places: Readonly<Record<string, Place>> = {
  "better-sqlite3": {
    package: "better-sqlite3",
    Database: "default",
    isTransaction: "inTransaction",
    adapter: "better-sqlite3",
    storage: "betterSqlite3Storage",
    transactions: "betterSqlite3Transactions",
  },
  "bun-sqlite": {
    package: "bun:sqlite",
    Database: "Database",
    isTransaction: "inTransaction",
    adapter: "bun-sqlite",
    storage: "bunSqliteStorage",
    transactions: "bunSqliteTransactions",
  },
  "node-sqlite": {
    package: "node:sqlite",
    Database: "DatabaseSync",
    isTransaction: "isTransaction",
    adapter: "node-sqlite",
    storage: "nodeSqliteStorage",
    transactions: "nodeSqliteTransactions",
  },
};

/** Loads a driver by the name that drizzle gives it. */
export async function driverOf(name: string): Promise<DrizzleDriver> {
  const place = places[name];
  if (place === undefined) throw new Error(`There is no driver ${name}`);
  const Database = await part<new (path: string) => Database>(
    place.package,
    place.Database,
  );
  const adapter = `@mailboat/outbox/${place.adapter}`;
  const storage = await part<(db: object) => SyncFileStorage<Database>>(
    adapter,
    place.storage,
  );
  const drizzle = await part<(config: { client: object }) => Db>(
    `drizzle-orm/${name}`,
    "drizzle",
  );
  return {
    open: (path) => new Database(path),
    isTransaction: (db) =>
      (db as unknown as Record<string, boolean>)[place.isTransaction] === true,
    storage,
    drizzle: (client) => drizzle({ client }),
    transactions: await part(adapter, place.transactions),
  };
}

async function part<T>(module: string, name: string): Promise<T> {
  const parts = await import(module) as Readonly<Record<string, unknown>>;
  return parts[name] as T;
}
