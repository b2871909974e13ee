/**
 * The storages on a SQLite file, as the conformance cases see them.
 *
 * @module
 */

import { type Client, createClient, type Transaction } from "@libsql/client";
import type { InboxStorage, LetterStorage, Storage } from "@mailboat/outbox";
import {
  type DrizzleStatement,
  drizzleStorage,
} from "@mailboat/outbox/drizzle";
import { type LibsqlStatement, libsqlStorage } from "@mailboat/outbox/libsql";
import type { StorageHarness } from "@mailboat/outbox/testing";
import { sql } from "drizzle-orm";
import { drizzle, type LibSQLDatabase } from "drizzle-orm/libsql";
import { join } from "node:path";
import {
  leftBehind,
  removeFolder,
  temporaryFolder,
} from "./database_folder.ts";

const INSERT = "INSERT INTO business (id) VALUES (?)";

/** All kits are given the same: a storage with an inbox and a letter box. */
interface Harness<Tx, Statement> extends StorageHarness<Tx, Statement> {
  readonly storage:
    & Storage<Tx, Statement>
    & InboxStorage<Tx>
    & LetterStorage<Tx>;
  restart(): Promise<Harness<Tx, Statement>>;
}

type LibsqlHarness = Harness<Transaction, LibsqlStatement>;
type DrizzleTx = Parameters<Parameters<LibSQLDatabase["transaction"]>[0]>[0];
type DrizzleHarness = Harness<DrizzleTx, DrizzleStatement>;

/** A new database file behind the libSQL client. */
export async function createLibsqlHarness(): Promise<LibsqlHarness> {
  return await libsqlHarness(temporaryFolder());
}

async function libsqlHarness(folder: string): Promise<LibsqlHarness> {
  const client = await openClient(join(folder, "app.db"));
  const storage = libsqlStorage(client);
  return {
    ...around(client, folder, libsqlHarness),
    storage,
    plainHandle: client,
    transaction: (work) => within(client, work),
    foreignTransaction: (work) =>
      inAnotherFile(folder, async (other) => {
        await libsqlStorage(other).migrate();
        return await within(other, work);
      }),
    ...libsqlWriting(client),
  };
}

/** A new database file behind drizzle. */
export async function createDrizzleHarness(): Promise<DrizzleHarness> {
  return await drizzleHarness(temporaryFolder());
}

async function drizzleHarness(folder: string): Promise<DrizzleHarness> {
  const client = await openClient(join(folder, "app.db"));
  const db = drizzle({ client });
  return {
    ...around(client, folder, drizzleHarness),
    storage: drizzleStorage(db, libsqlStorage(client)) as DrizzleHarness[
      "storage"
    ],
    plainHandle: db,
    transaction: (work) => db.transaction(work),
    foreignTransaction: (work) =>
      inAnotherFile(folder, async (other) => {
        const foreign = drizzle({ client: other });
        await drizzleStorage(foreign, libsqlStorage(other)).migrate();
        return await foreign.transaction(work);
      }),
    ...drizzleWriting(db),
  };
}

/** How users of the client write, to a file or to a server. */
export function libsqlWriting(
  client: Client,
): Pick<LibsqlHarness, "writeRow" | "batch"> {
  return {
    writeRow: async (tx, id) => {
      await tx.execute({ sql: INSERT, args: [id] });
    },
    batch: async (statements) => {
      await client.batch([...statements], "write");
    },
  };
}

/** How users of drizzle write. */
export function drizzleWriting(
  db: LibSQLDatabase,
): Pick<DrizzleHarness, "writeRow" | "batch"> {
  return {
    writeRow: async (tx, id) => {
      await tx.run(sql`INSERT INTO business (id) VALUES (${id})`);
    },
    batch: async ([first, ...rest]) => {
      if (first !== undefined) await db.batch([first, ...rest]);
    },
  };
}

/** The ids of the business rows that are committed. */
export async function businessRows(client: Client): Promise<string[]> {
  const { rows } = await client.execute("SELECT id FROM business");
  return rows.map((row) => String(row[0]));
}

/** What both have in common. */
function around<H>(
  client: Client,
  folder: string,
  reopen: (folder: string) => Promise<H>,
) {
  const close = () => {
    client.close();
    removeFolder(folder);
  };
  return {
    rows: () => businessRows(client),
    restart: async () => {
      const left = leftBehind(folder);
      close();
      return await reopen(left);
    },
    close: () => Promise.resolve(close()),
  };
}

/** A client that waits for no lock, on a database in WAL mode. */
async function openClient(path: string): Promise<Client> {
  const client = createClient({ url: `file:${path}`, timeout: 0 });
  await client.executeMultiple(
    "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS business (id TEXT)",
  );
  return client;
}

async function inAnotherFile<T>(
  folder: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = await openClient(join(folder, "foreign.db"));
  try {
    return await work(client);
  } finally {
    client.close();
  }
}

async function within<T>(
  client: Client,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  const tx = await client.transaction("write");
  try {
    const result = await work(tx);
    await tx.commit();
    return result;
  } finally {
    tx.close();
  }
}
