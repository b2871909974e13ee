/**
 * A database file as a storage: what can be done to it without the user's
 * transaction.
 *
 * @module
 */

import {
  type Durability,
  type InboxStorage,
  type InboxWriter,
  type LetterBox,
  type LetterStorage,
  type Storage,
  StorageError,
  type Store,
  type Writer,
} from "../../mod.ts";
import type { SqliteDriver } from "./driver.ts";
import { acting, storageError } from "./errors.ts";
import { bootOfMachine, exists, watchCommits } from "./file_system.ts";
import { sqliteLetterBox } from "./letter_box.ts";
import { LogFile } from "./log_file.ts";
import { sqliteInbox } from "./inbox.ts";
import { identityOf, migrateTables, requireTables } from "./migration.ts";
import { SqliteStore } from "./store.ts";
import type { Tables } from "./tables.ts";
import { sqliteWriter, type TransactionPort } from "./writer.ts";

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
  connect(path: string, options: ConnectOptions): SqliteDriver;
  /** The `synchronous` level of the connection that the user commits on, if it can be seen. */
  userSynchronous(): Promise<number | null>;
}

/**
 * How long a migration waits for another process that migrates. It blocks,
 * but only where tables are to be created, at the start of a program.
 */
const MIGRATION_WAIT_MS = 5_000;

/** What a file storage is made of. */
export interface FileStorageOptions<Tx, Statement>
  extends TransactionPort<Tx, Statement> {
  /** Where the outbox is. */
  readonly file: SqliteFile;
  /** The names of the tables. */
  readonly tables: Tables;
}

/** The storage of one outbox in one file. */
export class FileStorage<Tx, Statement>
  implements Storage<Tx, Statement>, InboxStorage<Tx>, LetterStorage<Tx> {
  readonly writer: Writer<Tx, Statement>;
  readonly inbox: InboxWriter<Tx>;
  readonly letters: LetterBox<Tx>;
  readonly #file: SqliteFile;
  readonly #tables: Tables;
  readonly #listeners = new Set<() => void>();
  #identity: Promise<string> | null = null;

  /** Remembers where the outbox is; nothing is opened. */
  constructor(options: FileStorageOptions<Tx, Statement>) {
    this.#file = options.file;
    this.#tables = options.tables;
    const { tables } = options;
    const identity = () => this.#knownIdentity();
    const announce = () => this.#announce();
    this.writer = sqliteWriter(options, { tables, identity, announce });
    this.inbox = sqliteInbox(options.enter, { tables, identity });
    this.letters = sqliteLetterBox(options.enter, { tables, identity });
  }

  migrate(): Promise<void> {
    return acting("migrate", async () => {
      const driver = await this.#connect("migrate", {
        lockWaitMs: MIGRATION_WAIT_MS,
        setWal: this.#file.owned,
      });
      try {
        await requireWal("migrate", driver);
        await migrateTables(driver, this.#tables);
      } finally {
        await driver.close();
      }
      const store = await this.open();
      await store.close();
    });
  }

  open(): Promise<Store> {
    return acting("open the outbox", async () => {
      const tables = this.#tables;
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
          log: new LogFile(await mainFileOf(driver)),
        });
      } catch (error) {
        await driver.close();
        throw error;
      }
    });
  }

  watch(onChange: () => void): () => void {
    const listener = () => onChange();
    this.#listeners.add(listener);
    const stop = watchCommits(this.#file.path(), listener);
    return () => {
      this.#listeners.delete(listener);
      stop();
    };
  }

  #announce(): void {
    for (const listener of this.#listeners) {
      try {
        listener();
      } catch {
        // The message is stored: whoever fails to hear of it finds it later.
      }
    }
  }

  #knownIdentity(): Promise<string> {
    this.#identity ??= acting("find the outbox", () => this.#findIdentity())
      .catch((error) => {
        this.#identity = null;
        throw error;
      });
    return this.#identity;
  }

  async #findIdentity(): Promise<string> {
    const driver = await this.#connect("find the outbox");
    try {
      return await identityOf(driver, this.#tables);
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
    return this.#file.connect(path, options);
  }
}

/** What survives at `synchronous` OFF and NORMAL; FULL and EXTRA survive a power cut. */
const levels: readonly Durability["level"][] = ["none", "process-crash"];

/** The file as SQLite knows it, behind every link: its log lies beside it. */
async function mainFileOf(driver: SqliteDriver): Promise<string> {
  const rows = await driver.query({ sql: "PRAGMA database_list", args: [] });
  return String(rows.find(({ name }) => name === "main")?.["file"] ?? "");
}

async function durabilityOf(
  driver: SqliteDriver,
  users: number | null,
): Promise<Durability> {
  const ours = Number(await pragma(driver, "synchronous"));
  const level = levels[Math.min(ours, users ?? ours)] ?? "power-loss";
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

function notWal(action: string, found: string): StorageError {
  return new StorageError(
    "STORAGE_NOT_WAL",
    `Cannot ${action} as journal_mode must be wal, which ` +
      `PRAGMA journal_mode=WAL sets: current value is ${found}`,
  );
}

/** Tries to write, and changes nothing; a lock that another has is as good. */
async function requireWritable(
  action: string,
  driver: SqliteDriver,
  { relay }: Tables,
): Promise<void> {
  const sql = `UPDATE ${relay} SET "beat" = "beat" WHERE false`;
  try {
    await driver.transact([{ sql, args: [] }]);
  } catch (thrown) {
    const error = storageError(action, thrown);
    if (error.code !== "STORAGE_BUSY") throw error;
  }
}
