/**
 * An outbox in a database file: what is done to it on connections of our own.
 *
 * @module
 */

import {
  type Durability,
  InputError,
  StorageError,
  type Store,
} from "../../mod.ts";
import { Announcements } from "./announcements.ts";
import { DATABASE_LIST, mainFileOf, type SqliteDriver } from "./driver.ts";
import { acting } from "./errors.ts";
import {
  bootOfMachine,
  exists,
  fileSystemOf,
  isReplica,
  watchCommits,
} from "./file_system.ts";
import type { SqliteOutbox } from "./foundation.ts";
import { type Home, homeByName } from "./home.ts";
import { LogFile } from "./log_file.ts";
import { identityOf, migrateTables, requireTables } from "./migration.ts";
import { networkFileSystem } from "./network_file_system.ts";
import { SqliteStore } from "./store.ts";
import { survivedAt } from "./synchronous.ts";
import type { Tables } from "./tables.ts";
import { requireWritable } from "./writable.ts";

/** How a connection behaves. */
export interface ConnectOptions {
  /** For how long it waits for a lock, in ms; it blocks meanwhile. */
  readonly lockWaitMs: number;
  /** Whether it puts the database into WAL mode. */
  readonly setWal: boolean;
}

/** A database file, and how to connect to it. */
export interface SqliteFile {
  /** Where it is; empty for a database in memory. */
  path(): Promise<string>;
  /** Whether its journal mode is ours to set. */
  readonly owned: boolean;
  /** Opens a connection of our own. */
  connect(path: string, options: ConnectOptions): Promise<SqliteDriver>;
  /** The `synchronous` level of the connection that the user commits on, if it can be seen. */
  userSynchronous(): Promise<number | null>;
}

/**
 * How long a migration waits for another process that migrates. It blocks,
 * but only where tables are to be created, at the start of a program.
 */
const MIGRATION_WAIT_MS = 5_000;

/** The outbox in one file. */
export class FileOutbox implements SqliteOutbox {
  readonly tables: Tables;
  readonly #file: SqliteFile;
  readonly #announcements = new Announcements();
  #home: Promise<Home> | null = null;

  /** Remembers where the outbox is; nothing is opened. */
  constructor(file: SqliteFile, tables: Tables) {
    this.#file = file;
    this.tables = tables;
  }

  migrate(): Promise<void> {
    return acting("migrate", async () => {
      const driver = await this.#connect("migrate", {
        lockWaitMs: MIGRATION_WAIT_MS,
        setWal: this.#file.owned,
      });
      try {
        await requireWal("migrate", driver);
        await migrateTables(driver, this.tables);
      } finally {
        await driver.close();
      }
      const store = await this.open();
      await store.close();
    });
  }

  open(): Promise<Store> {
    return acting("open the outbox", async () => {
      const tables = this.tables;
      const driver = await this.#connect("open the outbox");
      try {
        await requireWal("open the outbox", driver);
        await requireTables(driver, tables);
        await requireWritable("open the outbox", driver, tables);
        const identity = await identityOf(driver, tables);
        const users = await this.#file.userSynchronous();
        return new SqliteStore({
          driver,
          tables,
          identity,
          durability: await durabilityOf(driver, users),
          boot: await bootOfMachine(),
          // The log lies beside the file as SQLite knows it, behind every link.
          log: new LogFile(mainFileOf(await driver.query(DATABASE_LIST))),
        });
      } catch (error) {
        await driver.close();
        throw error;
      }
    });
  }

  watch(onChange: () => void): () => void {
    const forget = this.#announcements.listen(onChange);
    const stop = watchCommits(this.#file.path(), onChange);
    return () => {
      forget();
      stop();
    };
  }

  announce(): void {
    this.#announcements.announce();
  }

  home(): Promise<Home> {
    this.#home ??= acting("find the outbox", () => this.#findHome())
      .catch((error) => {
        this.#home = null;
        throw error;
      });
    return this.#home;
  }

  async #findHome(): Promise<Home> {
    const driver = await this.#connect("find the outbox");
    try {
      return homeByName(this.tables, await identityOf(driver, this.tables));
    } finally {
      await driver.close();
    }
  }

  async #connect(
    action: string,
    options: ConnectOptions = { lockWaitMs: 0, setWal: false },
  ): Promise<SqliteDriver> {
    const path = await this.#file.path();
    if (path === "") throw notWal(action, "a database in memory");
    // Connecting would create the file, and hide that the path is wrong.
    if (action !== "migrate" && !(await exists(path))) {
      throw new StorageError(
        "STORAGE_NOT_MIGRATED",
        `Cannot ${action} as its file must exist: current value is none`,
      );
    }
    await requireLocal(action, path);
    if (await isReplica(path)) throw refusedReplica(action);
    return await this.#file.connect(path, options);
  }
}

async function requireLocal(action: string, path: string): Promise<void> {
  const found = networkFileSystem(await fileSystemOf(path) ?? 0n);
  if (found === null) return;
  throw new StorageError(
    "STORAGE_NETWORK_FILE",
    `Cannot ${action} as the database must be on a disk of this machine, ` +
      `since WAL works on no network file system: current value is ${found}`,
  );
}

async function durabilityOf(
  driver: SqliteDriver,
  users: number | null,
): Promise<Durability> {
  const ours = Number(await pragma(driver, "synchronous"));
  const level = survivedAt(Math.min(ours, users ?? ours));
  const detail = `journal_mode=wal synchronous=${ours}`;
  return users === null
    ? { level, detail: `${detail} application.synchronous=unknown` }
    : { level, detail: `${detail} application.synchronous=${users}` };
}

async function pragma(driver: SqliteDriver, text: string): Promise<unknown> {
  const [row] = await driver.query({ sql: `PRAGMA ${text}`, args: [] });
  return Object.values(row ?? {})[0];
}

async function requireWal(action: string, driver: SqliteDriver): Promise<void> {
  const mode = await pragma(driver, "journal_mode");
  if (mode !== "wal") throw notWal(action, String(mode));
  const encoding = await pragma(driver, "encoding");
  if (encoding === "UTF-8") return;
  throw new StorageError(
    "STORAGE_FAILED",
    `Cannot ${action} as the database's encoding must be UTF-8: ` +
      `current value is ${encoding}`,
  );
}

function refusedReplica(action: string): InputError {
  return new InputError("INVALID_OPTION", {
    action,
    field: "database",
    required: "a file that is written here (for an embedded replica, give " +
      "libsqlRemoteStorage a client of its primary, and enqueue in " +
      "transactions of the replica's client)",
    found: "an embedded replica",
  });
}

function notWal(action: string, found: string): StorageError {
  return new StorageError(
    "STORAGE_NOT_WAL",
    `Cannot ${action} as journal_mode must be wal, which ` +
      `PRAGMA journal_mode=WAL sets: current value is ${found}`,
  );
}
