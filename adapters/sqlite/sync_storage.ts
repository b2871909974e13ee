/**
 * A storage on a database file, over a driver that answers at once.
 *
 * @module
 */

import {
  InputError,
  MailboatError,
  readOptions,
  shorten,
  type StorageBase,
} from "../../mod.ts";
import { refusedTransaction } from "./errors.ts";
import { FileOutbox, type SqliteFile } from "./file_outbox.ts";
import { pathOf } from "./location.ts";
import { settled, type SyncTransacting } from "./settled.ts";
import { type SqliteSyncStorage, syncStorageOver } from "./storage.ts";
import { SyncConnection, type SyncDatabase } from "./sync_connection.ts";
import { driverOver, transacted } from "./sync_driver.ts";
import type { SqliteStorageOptions } from "./storage_options.ts";
import { tablesOf } from "./tables.ts";
import type { SyncEnter } from "./transaction.ts";

/** What is to be known of a driver that answers at once. */
export interface SyncTechnology<Database extends object> {
  /** What its databases are, for people: `a DatabaseSync of node:sqlite`. */
  readonly noun: string;
  /** Reads a value as one of its databases; `null` for what is none. */
  readonly databaseOf: (value: object) => SyncDatabase | null;
  /** Opens a database file, for us alone; as one that there is, with its copy of the driver. */
  readonly open: (path: string, like?: Database) => Promise<Database>;
}

/** A storage whose transactions are the database itself, while one is open. */
export interface SyncFileStorage<Database>
  extends SqliteSyncStorage<Database>, SyncTransacting<Database> {}

/** Creates a storage on the file of a database, or on the file at a path. */
export function syncFileStorage<Database extends object>(
  technology: SyncTechnology<Database>,
  database: Database | string,
  options: SqliteStorageOptions,
): SyncFileStorage<Database> | StorageBase {
  const action = "create a storage";
  return readOptions({ action, options }, ({ prefix }) => {
    const tables = tablesOf(prefix);
    if (typeof database === "string") {
      const path = pathOf(database);
      return new FileOutbox(fileAt(path, technology), tables);
    }
    const connections = connectionsOf(technology);
    const own = connections(database);
    if (own === null) throw refusedDatabase(technology, action, database);
    const file = fileBehind(own, technology, database);
    const outbox = new FileOutbox(file, tables);
    const enter = entering(technology, own, connections);
    const storage = syncStorageOver(outbox, {
      enter,
      ground: { client: database, connection: own, behavior: "immediate" },
    });
    return Object.assign(storage, {
      transaction: <T>(work: (tx: Database) => T) =>
        transacted(own, () => settled(work(database))),
    });
  });
}

/** The refusal of what is no database of this kind. */
export function refusedDatabase(
  { noun }: Pick<SyncTechnology<never>, "noun">,
  action: string,
  found: unknown,
): InputError {
  return new InputError("INVALID_OPTION", {
    action,
    field: "database",
    required: `${noun}, a path or a file: URL`,
    found: shorten(found),
  });
}

/** A database that was opened for us, and how we use it. */
export interface Connected<Database> {
  /** The database. */
  readonly database: Database;
  /** A connection over it. */
  readonly connection: SyncConnection;
}

/** Opens a database file. */
export async function connect<Database extends object>(
  { noun, databaseOf, open }: SyncTechnology<Database>,
  path: string,
  like?: Database,
): Promise<Connected<Database>> {
  const database = await open(path, like);
  const own = databaseOf(database);
  if (own !== null) return { database, connection: new SyncConnection(own) };
  throw new MailboatError(
    "DEPENDENCY_MISSING",
    `Cannot open the database as it must be ${noun}: ` +
      "current value is one of another version",
  );
}

/** Connections to databases, each made once. */
export function connectionsOf<Database extends object>(
  { databaseOf }: SyncTechnology<Database>,
): (value: unknown) => SyncConnection | null {
  const known = new WeakMap<object, SyncConnection>();
  return (value) => {
    if (typeof value !== "object" || value === null) return null;
    const before = known.get(value);
    if (before !== undefined) return before;
    const database = databaseOf(value);
    if (database === null) return null;
    const connection = new SyncConnection(database);
    known.set(value, connection);
    return connection;
  };
}

function fileAt<Database extends object>(
  path: string,
  technology: SyncTechnology<Database>,
  like?: Database,
): SqliteFile {
  return {
    owned: true,
    path: () => Promise.resolve(path),
    connect: async (at, options) =>
      driverOver((await connect(technology, at, like)).connection, options),
    userSynchronous: () => Promise.resolve(null),
  };
}

function fileBehind<Database extends object>(
  connection: SyncConnection,
  technology: SyncTechnology<Database>,
  database: Database,
): SqliteFile {
  const statement = { sql: "PRAGMA synchronous", args: [] };
  return {
    ...fileAt("", technology, database),
    owned: false,
    path: async () => await connection.file,
    userSynchronous: async () => {
      const { rows: [row] } = await connection.run(statement);
      return Number(row?.["synchronous"]);
    },
  };
}

/** The handle of a transaction is the database, or another one on the same file. */
function entering<Database extends object>(
  { noun }: SyncTechnology<Database>,
  own: SyncConnection,
  connections: (value: unknown) => SyncConnection | null,
): SyncEnter<Database> {
  return (tx, action) => {
    const connection = connections(tx);
    if (connection === null) {
      throw refusedTransaction("NOT_A_TRANSACTION", action, shorten(tx));
    }
    if (!connection.isTransaction) {
      const found = `${noun} without an open transaction`;
      throw refusedTransaction("NOT_A_TRANSACTION", action, found);
    }
    if (connection !== own && connection.file !== own.file) {
      const found = "a transaction on another database";
      throw refusedTransaction("FOREIGN_TRANSACTION", action, found);
    }
    return (statement) => connection.run(statement);
  };
}
