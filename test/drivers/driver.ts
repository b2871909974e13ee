/**
 * The drivers that answer at once, as far as this runtime has them.
 *
 * @module
 */

import type { StorageBase, TurnOptions } from "@mailboat/outbox";
import {
  betterSqlite3Storage,
  betterSqlite3Transactions,
} from "@mailboat/outbox/better-sqlite3";
import {
  bunSqliteStorage,
  bunSqliteTransactions,
} from "@mailboat/outbox/bun-sqlite";
import {
  nodeSqliteStorage,
  nodeSqliteTransactions,
  type OwnTransactions,
  type SyncFileStorage,
} from "@mailboat/outbox/node-sqlite";
import process from "node:process";

/** What the tests ask of a database, whatever its driver is. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): Statement;
  close(): unknown;
}

/** What they ask of its statements. */
export interface Statement {
  run(...args: unknown[]): unknown;
  all(...args: unknown[]): unknown[];
  iterate(...args: unknown[]): Iterator<unknown>;
}

/** How a database is opened. */
export interface Opening {
  readonly readOnly?: boolean;
}

/** A driver under test. */
export interface Driver {
  readonly name: DriverName;
  /** Opens a database that waits for no lock. */
  open(path: string, opening?: Opening): Database;
  /** Whether a transaction is open on a database. */
  isTransaction(database: Database): boolean;
  storage(database: Database): SyncFileStorage<Database>;
  storageAt(path: string): StorageBase;
  transactions(path: string, options?: TurnOptions): OwnTransactions<Database>;
}

export type DriverName = "node:sqlite" | "better-sqlite3" | "bun:sqlite";

interface Source extends
  Pick<
    { [Key in keyof Driver]: unknown },
    "storage" | "storageAt" | "transactions"
  > {
  /** Where it is there. */
  readonly needs: string;
  readonly isHere: boolean;
  readonly isTransaction: "isTransaction" | "inTransaction";
  load(): Promise<(path: string, opening: Opening) => unknown>;
}

type Constructor = new (path: string, options: object) => unknown;

const { bun, deno, node } = process.versions as Record<string, string>;
const [major = 0, minor = 0] = String(node).split(".").map(Number);
const isNode = bun === undefined && deno === undefined;

/** Not literals, as neither the compiler nor every runtime knows them. */
const modules: Record<DriverName, string> = {
  "node:sqlite": "node:sqlite",
  "bun:sqlite": "bun:sqlite",
  "better-sqlite3": new URL(
    "../../.ci/node_modules/better-sqlite3/lib/index.js",
    import.meta.url,
  ).href,
};

const sources: Readonly<Record<DriverName, Source>> = {
  "node:sqlite": {
    needs: "Node 22.16, Deno or Bun",
    isHere: !isNode || major > 22 || (major === 22 && minor >= 16),
    isTransaction: "isTransaction",
    load: async () => {
      const { DatabaseSync } = await import(modules["node:sqlite"]) as {
        DatabaseSync: Constructor;
      };
      return (path, { readOnly = false }) =>
        new DatabaseSync(path, { readOnly });
    },
    storage: nodeSqliteStorage,
    storageAt: nodeSqliteStorage,
    transactions: nodeSqliteTransactions,
  },
  "better-sqlite3": {
    needs: "Node 22, and npm ci --prefix .ci",
    isHere: isNode && major >= 22,
    isTransaction: "inTransaction",
    load: async () => {
      const { default: Database } = await import(modules["better-sqlite3"]) as {
        default: Constructor;
      };
      return (path, { readOnly: readonly = false }) =>
        new Database(path, { readonly, timeout: 0 });
    },
    storage: betterSqlite3Storage,
    storageAt: betterSqlite3Storage,
    transactions: betterSqlite3Transactions,
  },
  "bun:sqlite": {
    needs: "Bun",
    isHere: bun !== undefined,
    isTransaction: "inTransaction",
    load: async () => {
      const { Database } = await import(modules["bun:sqlite"]) as {
        Database: Constructor;
      };
      return (path, { readOnly = false }) =>
        new Database(
          path,
          readOnly ? { readonly: true } : { create: true, readwrite: true },
        );
    },
    storage: bunSqliteStorage,
    storageAt: bunSqliteStorage,
    transactions: bunSqliteTransactions,
  },
};

export const driverNames: readonly DriverName[] = Object.keys(
  sources,
) as DriverName[];

/** What makes a storage, by the name of the driver that it is made for. */
export const storages: readonly (readonly [
  DriverName,
  (database: object) => unknown,
])[] = driverNames.map((name) => [
  name,
  sources[name].storage as (database: object) => unknown,
]);

/** Loads a driver; says why where this runtime does not have it. */
export async function loadDriver(
  name: DriverName,
): Promise<Driver | { readonly needs: string }> {
  const source = sources[name];
  const { needs, isHere, isTransaction, load, ...adapter } = source;
  const open = isHere ? await load().catch(() => null) : null;
  if (open === null) return { needs };
  return {
    name,
    open: (path, opening = {}) => open(path, opening) as Database,
    isTransaction: (database) =>
      (database as unknown as Record<string, boolean>)[isTransaction] === true,
    ...adapter as Pick<Driver, "storage" | "storageAt" | "transactions">,
  };
}

/** Whether it is a driver, and not why there is none. */
export function isDriver(
  loaded: Driver | { readonly needs: string },
): loaded is Driver {
  return "open" in loaded;
}
