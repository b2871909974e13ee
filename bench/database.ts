/**
 * Database files: business rows, an outbox, and backlogs made in advance.
 *
 * @module
 */

import { type Client, createClient } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  openSync,
  rmSync,
} from "node:fs";
import { join } from "node:path";
import { meterRead, type Reading, readingOf } from "./reading.ts";

/** The business table. */
const READING_TABLE = `CREATE TABLE reading (
  id integer PRIMARY KEY, meter text NOT NULL, n integer NOT NULL
)`;

/** The outbox that a hand writes: the same bytes, no library. */
const HAND_TABLE = `CREATE TABLE hand (
  seq integer PRIMARY KEY, id text NOT NULL, event text NOT NULL,
  topic text NOT NULL, key text, enqueued_at_ms integer NOT NULL,
  payload blob NOT NULL
)`;

/** Events that are stored in one transaction when a backlog is made. */
const GROUP = 1_000;

/** A relay in another process may hold the lock for a moment. */
const LOCK_WAIT_MS = 5_000;

/** Creates a file with all tables, and opens it. WAL; `synchronous` is FULL, the client's default. */
export async function createDatabase(path: string): Promise<Client> {
  const client = createClient({ url: `file:${path}`, timeout: LOCK_WAIT_MS });
  await client.execute("PRAGMA journal_mode=WAL");
  await client.batch([READING_TABLE, HAND_TABLE], "write");
  await libsqlStorage(client).migrate();
  return client;
}

/** A backlog to be made. */
export interface BacklogOptions {
  readonly folder: string;
  readonly events: number;
  readonly keys: number;
}

/**
 * Makes a file with a backlog, or returns the one that was made before. It is
 * for copying: see {@link copyOf}.
 */
export async function backlogFile(
  { folder, events, keys }: BacklogOptions,
): Promise<string> {
  const path = join(folder, `backlog_${events}_${keys}.db`);
  if (existsSync(path)) return path;
  const client = await createDatabase(path);
  await fill(client, events, (n) => readingOf(n, keys));
  await finish(client);
  return path;
}

/** Enqueues so many readings, in large transactions. */
export async function fill(
  client: Client,
  events: number,
  reading: (n: number) => Reading,
): Promise<void> {
  const outbox = createOutbox({ storage: libsqlStorage(client) });
  for (let from = 0; from < events; from += GROUP) {
    const size = Math.min(GROUP, events - from);
    const drafts = Array.from(
      { length: size },
      (_, at) => meterRead(reading(from + at)),
    );
    const tx = await client.transaction("write");
    await outbox.enqueue(tx, ...drafts);
    await tx.commit();
  }
}

/** Closes a database that is for copying: everything is in its one file. */
export async function finish(client: Client): Promise<void> {
  await client.execute("PRAGMA wal_checkpoint(TRUNCATE)");
  client.close();
}

/**
 * Copies a file that nobody has open to one of the same folder, and to the
 * disk: gigabytes on their way there would hold up every sync.
 */
export function copyOf(path: string, name: string): string {
  const copy = join(path, "..", `${name}.db`);
  removeDatabase(copy);
  copyFileSync(path, copy);
  const file = openSync(copy, "r+");
  fsyncSync(file);
  closeSync(file);
  return copy;
}

/** Removes a database and what lies beside it. Nobody may have it open. */
export function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) {
    rmSync(path + suffix, { force: true });
  }
}
