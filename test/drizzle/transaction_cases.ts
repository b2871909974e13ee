/**
 * What becomes of transactions of drizzle on drivers that answer at once.
 *
 * @module
 */

import {
  createOutbox,
  defineEvent,
  InputError,
  type SyncOutbox,
} from "@mailboat/outbox";
import { drizzleStorage, drizzleTransactions } from "@mailboat/outbox/drizzle";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { type SQL, sql } from "drizzle-orm";
import { deepEqual, equal, ok, throws } from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { anything } from "../support/schemas.ts";
import type { Db, DrizzleDriver, Tx } from "./drivers.ts";

const noted = defineEvent("noted", {
  schema: anything(),
  topic: () => "notes",
});
const note = (id: string) => noted({}, { id });

/** A database with an outbox and a table of its user's. */
interface Bench {
  readonly path: string;
  readonly db: Db;
  readonly storage: ReturnType<typeof storageOf>;
  readonly outbox: SyncOutbox<Tx>;
  /** Writes a row of the user's. */
  write(tx: Tx, id: string): void;
  /** The ids of the rows, and those of the messages. */
  stored(): { rows: unknown[]; messages: unknown[] };
}

type Check = (bench: Bench, driver: DrizzleDriver) => unknown;

/** The cases. */
export function transactionCases(
  driver: DrizzleDriver,
): readonly ConformanceCase[] {
  const cases: Readonly<Record<string, Check>> = {
    "commits what was written and what was enqueued": commitsBoth,
    "rolls both back": rollsBack,
    "refuses work that is not done when it returns": refusesPromises,
    "begins with the lock": beginsWithLock,
    "lets a savepoint take part": savepoints,
    "refuses what comes after a driver has committed too early": refusesLate,
    "refuses a storage of another database": refusesStrangers,
    "refuses to run drizzle's transactions for a consumer": refusesConsumers,
  };
  return Object.entries(cases).map(([name, check]) => ({
    name: `transaction: ${name}`,
    run: () => within(driver, check),
  }));
}

function commitsBoth({ storage, outbox, write, stored }: Bench) {
  const result = storage.transaction((tx) => {
    write(tx, "a");
    const [receipt] = outbox.enqueue(tx, note("m"));
    return receipt?.stored;
  });
  equal(result, true);
  deepEqual(stored(), { rows: ["a"], messages: ["m"] });
}

function rollsBack({ storage, db, outbox, write, stored }: Bench) {
  const failing = (tx: Tx) => {
    write(tx, "a");
    outbox.enqueue(tx, note("m"));
    throw new Error("boom");
  };
  throws(() => storage.transaction(failing), /boom/);
  throws(() => db.transaction(failing), /boom/);
  deepEqual(stored(), { rows: [], messages: [] });
}

async function refusesPromises({ storage, outbox, write, stored }: Bench) {
  for (const ending of [() => {}, fail]) {
    const refusal = refused("INVALID_OPTION");
    throws(() =>
      storage.transaction(async (tx) => {
        write(tx, "a");
        outbox.enqueue(tx, note("m"));
        await Promise.resolve();
        ending();
      }), refusal);
    // Had the promise been left alone, its failure would end the process here.
    await new Promise((resolve) => setTimeout(resolve, 1));
    deepEqual(stored(), { rows: [], messages: [] });
  }
  storage.transaction((tx) => outbox.enqueue(tx, note("n")));
  deepEqual(stored().messages, ["n"], "the connection is fit for more");
}

function beginsWithLock({ path, storage }: Bench, driver: DrizzleDriver) {
  const other = driver.open(path);
  try {
    other.exec("PRAGMA busy_timeout=0");
    storage.transaction(() =>
      throws(() => other.exec("BEGIN IMMEDIATE"), /locked/)
    );
  } finally {
    other.close();
  }
}

function savepoints({ storage, outbox, stored }: Bench) {
  storage.transaction((tx) => {
    outbox.enqueue(tx, note("a"));
    throws(() =>
      tx.transaction((inner) => {
        outbox.enqueue(inner, note("b"));
        throw new Error("inner");
      }), /inner/);
    tx.transaction((inner) => outbox.enqueue(inner, note("c")));
  });
  deepEqual(stored().messages, ["a", "c"]);
}

async function refusesLate({ db, outbox, stored }: Bench) {
  const late: Promise<unknown>[] = [];
  const work = (tx: Tx): unknown => {
    const promise = (async () => {
      await Promise.resolve();
      outbox.enqueue(tx, note("late"));
    })();
    late.push(promise.catch((error) => error));
    return promise;
  };
  try {
    db.transaction(work);
  } catch {
    // Some drivers refuse the promise, others commit; none waits for it.
  }
  refused("TRANSACTION_FINISHED")(await late[0]);
  deepEqual(stored().messages, []);
}

function refusesStrangers({ path, db }: Bench, driver: DrizzleDriver) {
  const client = driver.open(path);
  try {
    throws(
      () => drizzleStorage(db, driver.storage(client)),
      refused("INVALID_OPTION"),
    );
  } finally {
    client.close();
  }
}

function refusesConsumers({ db }: Bench) {
  throws(
    () => drizzleTransactions(db as never),
    /whose driver has transactions of its own/,
  );
}

function fail(): never {
  throw new Error("boom");
}

function refused(code: string) {
  return (error: unknown) => {
    ok(error instanceof InputError, String(error));
    equal(error.code, code, error.message);
    return true;
  };
}

async function within(
  driver: DrizzleDriver,
  check: Check,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-drizzle-"));
  const path = join(folder, "app.db");
  const client = driver.open(path);
  client.exec("PRAGMA journal_mode=WAL; CREATE TABLE business (id TEXT)");
  const db = driver.drizzle(client);
  try {
    const storage = storageOf(driver, db, client);
    await storage.migrate();
    await check({
      path,
      db,
      storage,
      outbox: createOutbox({ storage }),
      write: (tx, id) => void tx.run(sql`INSERT INTO business VALUES (${id})`),
      stored: () => ({
        rows: ids(db, sql`SELECT id FROM business`),
        messages: ids(db, sql`SELECT id FROM mailboat_message ORDER BY seq`),
      }),
    }, driver);
  } finally {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function storageOf(
  driver: DrizzleDriver,
  db: Db,
  client: ReturnType<DrizzleDriver["open"]>,
) {
  return drizzleStorage(db, driver.storage(client));
}

function ids(db: Db, query: SQL): unknown[] {
  return db.all(query).map((row) => (row as { id: unknown }).id);
}
