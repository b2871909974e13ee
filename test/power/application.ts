/**
 * The application whose power is cut: readings in a table, and events that
 * tell of them.
 *
 * @module
 */

import { type Client, createClient, type Transaction } from "@libsql/client";
import {
  createOutbox,
  defineEvent,
  type EventDefinition,
  type Message,
  type Outbox,
} from "@mailboat/outbox";
import {
  type LibsqlStatement,
  libsqlStorage,
  type LibsqlTransaction,
} from "@mailboat/outbox/libsql";
import type { HistoryMessage } from "@mailboat/outbox/testing";
import * as v from "valibot";

/** What the event says: the `n`th reading of its key. */
export interface Taken {
  readonly key: string;
  readonly n: number;
  readonly note: string;
}

/** One row of the table. */
export interface Reading extends HistoryMessage {
  /** The transaction it was written in, and how many were written there. */
  readonly tx: string;
  readonly size: number;
}

/** Where the database is, and how it is committed to. */
export interface ApplicationOptions {
  readonly path: string;
  readonly synchronous: "FULL" | "NORMAL";
  /** The size of the log, in pages, at which it is carried over. */
  readonly checkpointPages: number;
}

/** A running application. */
export interface Application {
  readonly client: Client;
  readonly storage: ReturnType<typeof libsqlStorage>;
  readonly outbox: Outbox<LibsqlTransaction, LibsqlStatement>;
}

const READING_TABLE = `CREATE TABLE IF NOT EXISTS reading (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL, key TEXT NOT NULL,
  n INTEGER NOT NULL, tx TEXT NOT NULL, size INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS reading_key ON reading (key, n)`;

const LOCK_WAIT_MS = 10_000;

const readingTaken: EventDefinition<Taken> = defineEvent("reading.taken", {
  schema: v.object({ key: v.string(), n: v.number(), note: v.string() }),
  topic: ({ key }) => `readings/${key}`,
  key: ({ key }) => key,
});

/** Opens the database as an application does at every start. */
export async function openApplication(
  { path, synchronous, checkpointPages }: ApplicationOptions,
): Promise<Application> {
  // One connection, so that its settings are those of every commit.
  const client = createClient({
    url: `file:${path}`,
    concurrency: 1,
    timeout: LOCK_WAIT_MS,
  });
  await client.executeMultiple(`PRAGMA journal_mode = WAL;
PRAGMA synchronous = ${synchronous};
PRAGMA wal_autocheckpoint = ${checkpointPages};
${READING_TABLE}`);
  const storage = libsqlStorage(client);
  await storage.migrate();
  return { client, storage, outbox: createOutbox({ storage }) };
}

/** Writes the next reading of a key, with its message. */
export async function takeReading(
  { outbox }: Application,
  tx: Transaction,
  { key, note, name, size }: {
    readonly key: string;
    readonly note: string;
    readonly name: string;
    readonly size: number;
  },
): Promise<HistoryMessage> {
  const last = await tx.execute({
    sql: "SELECT coalesce(max(n), 0) FROM reading WHERE key = ?",
    args: [key],
  });
  const n = Number(last.rows[0]?.[0]) + 1;
  const [receipt] = await outbox.enqueue(tx, readingTaken({ key, n, note }));
  const id = String(receipt?.id);
  await tx.execute({
    sql: "INSERT INTO reading (id, key, n, tx, size) VALUES (?, ?, ?, ?, ?)",
    args: [id, key, n, name, size],
  });
  return { id, key, position: n };
}

/** Every reading, in commit order. */
export async function readingsOf(client: Client): Promise<Reading[]> {
  const { rows } = await client.execute(
    "SELECT id, key, n, tx, size FROM reading ORDER BY position",
  );
  return rows.map(({ id, key, n, tx, size }) => ({
    id: String(id),
    key: String(key),
    position: Number(n),
    tx: String(tx),
    size: Number(size),
  }));
}

/** How many messages are not delivered. */
export async function backlogOf(client: Client): Promise<number> {
  const { rows } = await client.execute(
    "SELECT count(*) FROM mailboat_message WHERE done = 0",
  );
  return Number(rows[0]?.[0]);
}

/** What a message says of itself. */
export function contentOf({ id, payload }: Message): HistoryMessage {
  const { key, n } = JSON.parse(new TextDecoder().decode(payload)) as Taken;
  return { id, key, position: n };
}
