/**
 * A database in a file of its own, and both adapters over it: what a test does
 * with one, it does with the other.
 *
 * @module
 */

import { type Client, createClient, type Transaction } from "@libsql/client";
import type {
  InboxStorage,
  NewMessage,
  Storage,
  Store,
} from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { message } from "../support/new_message.ts";

export { message };

/** A storage and the user's side of it, whatever the handle of a transaction is. */
export interface Adapter {
  readonly name: string;
  /** Opens it over a client. */
  over(client: Client, prefix?: string): Side;
}

/** The user's side of a storage. */
export interface Side {
  readonly storage: Storage<never, never> & InboxStorage<never>;
  /** Runs work in a transaction: commits it, or rolls back and rethrows. */
  within<T>(work: (tx: never) => Promise<T>): Promise<T>;
  /** Writes a business row in a transaction. */
  note(tx: never, text: string): Promise<void>;
  /** Runs the statements of a writer, and a business row, in one batch. */
  batch(messages: readonly NewMessage[], text: string): Promise<void>;
  /** A handle that is no transaction. */
  readonly plain: never;
}

const libsqlAdapter: Adapter = {
  name: "libsql",
  over(client, prefix) {
    const storage = libsqlStorage(client, prefix ? { prefix } : {});
    const noting = (text: string) => ({
      sql: "INSERT INTO note (text) VALUES (?)",
      args: [text],
    });
    return {
      storage: storage as unknown as Side["storage"],
      plain: client as never,
      async within(work) {
        const tx = await client.transaction("write");
        try {
          const result = await work(tx as never);
          await tx.commit();
          return result;
        } finally {
          tx.close();
        }
      },
      async note(tx: Transaction, text) {
        await tx.execute(noting(text));
      },
      async batch(messages, text) {
        await client.batch(
          [noting(text), ...storage.writer.statements(messages)],
          "write",
        );
      },
    };
  },
};

const drizzleAdapter: Adapter = {
  name: "drizzle",
  over(client, prefix) {
    const db = drizzle({ client });
    const storage = drizzleStorage(
      db,
      libsqlStorage(client, prefix ? { prefix } : {}),
    );
    const noting = (text: string) =>
      sql`INSERT INTO note (text) VALUES (${text})`;
    return {
      storage: storage as unknown as Side["storage"],
      plain: db as never,
      within: (work) => db.transaction((tx) => work(tx as never)),
      async note(tx: { run: typeof db.run }, text) {
        await tx.run(noting(text));
      },
      async batch(messages, text) {
        await db.batch([
          db.run(noting(text)),
          ...storage.writer.statements(messages),
        ]);
      },
    };
  },
};

export const adapters: readonly Adapter[] = [libsqlAdapter, drizzleAdapter];

/** A database and a storage on it. */
export interface Rig extends Side {
  readonly path: string;
  readonly client: Client;
  /** Opens a store that is closed when the test ends. */
  open(): Promise<Store>;
  /** Commits messages, and tells which were stored. */
  commit(...messages: NewMessage[]): Promise<readonly boolean[]>;
  /** One column of a query's result. */
  column(query: string): Promise<unknown[]>;
}

/** A folder that is deleted when the test ends. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-storage-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A client on a database in WAL mode, with a business table; closed when the test ends. */
export async function openClient(
  path: string,
  options: Partial<Parameters<typeof createClient>[0]> = {},
): Promise<Client> {
  const client = createClient({ url: `file:${path}`, ...options });
  onTestFinished(() => client.close());
  await client.executeMultiple(
    "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS note (text TEXT)",
  );
  return client;
}

/** A migrated storage on a new database. */
export async function createRig(
  adapter: Adapter = libsqlAdapter,
  given: { path?: string; client?: Client; prefix?: string } = {},
): Promise<Rig> {
  const path = given.path ?? join(temporaryFolder(), "app.db");
  const client = given.client ?? await openClient(path);
  const side = adapter.over(client, given.prefix);
  await side.storage.migrate();
  return {
    ...side,
    path,
    client,
    async open() {
      const store = await side.storage.open();
      onTestFinished(() => store.close());
      return store;
    },
    commit: (...messages) =>
      side.within((tx) => side.storage.writer.insert(tx, messages)),
    async column(query) {
      const { rows } = await client.execute(query);
      return rows.map((row) => row[0]);
    },
  };
}

/** Messages whose ids are the given names. */
export function messages(...ids: string[]): NewMessage[] {
  return ids.map((id) => message({ id }));
}

/** Everything a read may ask for. */
export const everything = {
  after: 0,
  exceptKeys: [],
  limit: 1_000,
  maxBytes: 2 ** 30,
};

/** The ids of everything that can be read, page by page. */
export async function readIds(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for (let after = 0, end = false; !end;) {
    const page = await store.read({ ...everything, after });
    ids.push(...page.messages.map(({ id }) => id));
    ({ scannedTo: after, end } = page);
  }
  return ids;
}
