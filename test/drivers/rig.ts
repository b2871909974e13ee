/**
 * An outbox on a new file, through one driver; and what the cases ask of it.
 *
 * @module
 */

import {
  createOutbox,
  defineEvent,
  MailboatError,
  type StandardSchema,
  type Store,
  type SyncOutbox,
} from "@mailboat/outbox";
import type { SyncFileStorage } from "@mailboat/outbox/node-sqlite";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { message } from "../support/new_message.ts";
import type { Database, Driver } from "./driver.ts";

export { message };

/** Everything goes. */
function anything<T>(): StandardSchema<T> {
  const validate = (value: unknown) => ({ value: value as T });
  return { "~standard": { version: 1, vendor: "test", validate } };
}

export const meterRead = defineEvent("meter.read", {
  schema: anything<{ meter: string; n: number }>(),
  topic: ({ meter }) => `meters/${meter}`,
  key: ({ meter }) => meter,
});

/** What a case works with. */
export interface Rig {
  readonly driver: Driver;
  readonly folder: string;
  readonly path: string;
  readonly db: Database;
  readonly storage: SyncFileStorage<Database>;
  readonly outbox: SyncOutbox<Database>;
  /** A store that is closed at the end. */
  open(): Promise<Store>;
  /** Opens a database file that is closed at the end. */
  database(name: string): Database;
  /** The ids in the outbox, in order. */
  ids(): Promise<readonly string[]>;
  /** The business rows. */
  rows(): number;
}

/** A case with a migrated outbox. */
export function withRig(
  driver: Driver,
  name: string,
  work: (rig: Rig) => Promise<void>,
): ConformanceCase {
  const run = async () => {
    const folder = mkdtempSync(join(tmpdir(), "mailboat-drivers-"));
    const ends: (() => unknown)[] = [];
    const database = (name: string) => {
      const db = opened(driver, join(folder, name));
      ends.push(() => closed(db));
      return db;
    };
    const db = database("app.db");
    const storage = driver.storage(db);
    const open = async () => {
      const store = await storage.open();
      ends.push(() => store.close());
      return store;
    };
    try {
      await storage.migrate();
      await work({
        driver,
        folder,
        path: join(folder, "app.db"),
        db,
        storage,
        outbox: createOutbox({ storage }),
        open,
        database,
        ids: async () => await idsIn(await open()),
        rows: () => db.prepare("SELECT id FROM business").all().length,
      });
    } finally {
      for (const end of ends.reverse()) await end();
      rmSync(folder, { recursive: true, force: true });
    }
  };
  return { name, run };
}

/** A database in WAL mode that waits for no lock. */
function opened({ open }: Driver, path: string): Database {
  const db = open(path);
  db.exec("PRAGMA busy_timeout=0; PRAGMA journal_mode=WAL;");
  db.exec("CREATE TABLE IF NOT EXISTS business (id TEXT)");
  return db;
}

/** Closes a database that may be closed already. */
function closed(db: Database): void {
  try {
    db.close();
  } catch {
    // It was.
  }
}

/** Everything a read may ask for. */
export const everything = {
  after: 0,
  exceptKeys: [],
  limit: 5_000,
  maxBytes: 2 ** 30,
};

async function idsIn(store: Store): Promise<string[]> {
  const { messages } = await store.read(everything);
  return messages.map(({ id }) => id);
}

/** Requires an error of Mailboat's with this code, and says what it says. */
export async function refused(
  code: string,
  work: () => unknown,
): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof MailboatError, String(error));
    assert.equal(error.code, code, error.message);
    return error.message;
  }
  throw new assert.AssertionError({ message: `Nothing failed as ${code}` });
}
