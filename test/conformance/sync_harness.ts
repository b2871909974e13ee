/**
 * The storages of drivers that answer at once, as the conformance cases see
 * them.
 *
 * @module
 */

import type { LetterStorage } from "@mailboat/outbox";
import type { SyncFileStorage } from "@mailboat/outbox/node-sqlite";
import type { StorageHarness } from "@mailboat/outbox/testing";
import { join } from "node:path";
import {
  leftBehind,
  removeFolder,
  temporaryFolder,
} from "./database_folder.ts";

/** What the harness asks of a database. */
export interface Database {
  exec(sql: string): unknown;
  prepare(sql: string): {
    run(...args: string[]): unknown;
    all(): unknown[];
  };
  close(): unknown;
}

/** A driver under test. */
export interface SyncDriver<Db extends Database> {
  /** Opens a database file. */
  open(path: string): Db;
  /** Whether a transaction is open on a database. */
  isTransaction(db: Db): boolean;
  /** Makes a storage on a database. */
  storage(db: Db): SyncFileStorage<Db>;
}

/** All kits are given the same: a storage with an inbox and a letter box. */
export interface Harness<Db> extends StorageHarness<Db> {
  readonly storage: SyncFileStorage<Db> & LetterStorage<Db>;
  restart(): Promise<Harness<Db>>;
}

/** Makes harnesses around new database files. */
export function syncHarness<Db extends Database>(
  driver: SyncDriver<Db>,
): () => Promise<Harness<Db>> {
  return () => Promise.resolve(harnessIn(driver, temporaryFolder()));
}

function harnessIn<Db extends Database>(
  driver: SyncDriver<Db>,
  folder: string,
): Harness<Db> {
  const db = opened(driver, join(folder, "app.db"));
  const close = () => {
    db.close();
    removeFolder(folder);
  };
  return {
    storage: driver.storage(db),
    plainHandle: db,
    transaction: (work) => within(driver, db, work),
    foreignTransaction: async (work) => {
      const other = opened(driver, join(folder, "foreign.db"));
      try {
        await driver.storage(other).migrate();
        return await within(driver, other, work);
      } finally {
        other.close();
      }
    },
    writeRow: async (tx, id) => {
      await tx.prepare("INSERT INTO business (id) VALUES (?)").run(id);
    },
    rows: async () => {
      const rows = await db.prepare("SELECT id FROM business").all();
      return rows.map((row) => String((row as { id: unknown }).id));
    },
    batch: () => Promise.reject(new Error("it makes no statements")),
    restart: () => {
      const left = leftBehind(folder);
      close();
      return Promise.resolve(harnessIn(driver, left));
    },
    close: () => Promise.resolve(close()),
  };
}

/** A database in WAL mode that waits for no lock. */
function opened<Db extends Database>(
  { open }: SyncDriver<Db>,
  path: string,
): Db {
  const db = open(path);
  db.exec("PRAGMA busy_timeout=0; PRAGMA journal_mode=WAL;");
  db.exec("CREATE TABLE IF NOT EXISTS business (id TEXT)");
  return db;
}

async function within<Db extends Database, T>(
  { isTransaction }: SyncDriver<Db>,
  db: Db,
  work: (tx: Db) => Promise<T>,
): Promise<T> {
  db.exec("BEGIN IMMEDIATE");
  try {
    const result = await work(db);
    db.exec("COMMIT");
    return result;
  } finally {
    if (isTransaction(db)) db.exec("ROLLBACK");
  }
}
