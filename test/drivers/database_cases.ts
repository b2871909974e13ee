/**
 * Databases that no outbox can be in, and what drivers say of the others.
 *
 * @module
 */

import { libsqlStorage } from "@mailboat/outbox/libsql";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import assert from "node:assert/strict";
import { join } from "node:path";
import { storageError } from "../../adapters/sqlite/errors.ts";
import { type Database, type Driver, storages } from "./driver.ts";
import { message, meterRead, refused, type Rig, withRig } from "./rig.ts";

const reading = meterRead({ meter: "m-1", n: 1 });

export function databaseCases(driver: Driver): readonly ConformanceCase[] {
  const test = withRig.bind(null, driver);
  return [
    test("database: one that is closed is no transaction", async (rig) => {
      const db = driver.open(rig.path);
      const storage = driver.storage(db);
      db.close();
      await refused("STORAGE_FAILED", () => storage.migrate());
      await refused("STORAGE_FAILED", () => storage.open());
      await refused(
        "STORAGE_FAILED",
        () => driver.storage(db).open(),
      );
      await refused("NOT_A_TRANSACTION", () => rig.outbox.enqueue(db, reading));
    }),
    test("database: its owner can close it at any time", async (rig) => {
      rig.storage.transaction((tx) => rig.outbox.enqueue(tx, reading));
      // Bun's refuses if a statement is still there.
      (rig.db as { close(throwOnError?: boolean): void }).close(true);
      const store = await rig.driver.storageAt(rig.path).open();
      assert.equal((await store.survey()).newestSeq, 1);
      await store.close();
    }),
    test("database: other adapters refuse it by name", async ({ db }) => {
      for (const [name, storage] of storages) {
        if (name === driver.name) continue;
        const message = await refused("INVALID_OPTION", () => storage(db));
        assert.match(message, new RegExp(`database must be a \\w+ of ${name}`));
      }
      const asClient = db as unknown as Parameters<typeof libsqlStorage>[0];
      await refused("INVALID_OPTION", () => libsqlStorage(asClient));
    }),
    test("database: without WAL it is refused, and left so", async (rig) => {
      const db = driver.open(join(rig.folder, "plain.db"));
      db.exec("CREATE TABLE business (id TEXT)");
      const storage = driver.storage(db);
      await refused("STORAGE_NOT_WAL", () => storage.migrate());
      const message = await refused("STORAGE_NOT_WAL", () => storage.open());
      assert.match(message, /current value is delete$/);
      assert.equal(db.prepare("SELECT * FROM sqlite_schema").all().length, 1);
      db.close();
    }),
    test("database: in memory it is refused", async () => {
      const db = driver.open(":memory:");
      const storage = driver.storage(db);
      await refused("STORAGE_NOT_WAL", () => storage.migrate());
      const message = await refused("STORAGE_NOT_WAL", () => storage.open());
      assert.match(message, /current value is a database in memory$/);
      db.close();
    }),
    test("database: by its path it is made, in WAL mode", async (rig) => {
      const path = join(rig.folder, "a b#c%41?.db");
      const storage = driver.storageAt(path);
      await refused("STORAGE_NOT_MIGRATED", () => storage.open());
      await storage.migrate();
      const store = await storage.open();
      assert.deepEqual(store.durability, {
        level: "power-loss",
        detail:
          "journal_mode=wal synchronous=2 application.synchronous=unknown",
      });
      await store.close();
      await store.close();
    }),
    test("database: how it commits is told, and left so", async (rig) => {
      rig.db.exec("PRAGMA synchronous = NORMAL");
      const { durability } = await rig.open();
      assert.equal(durability.level, "process-crash");
      const [row] = rig.db.prepare("PRAGMA synchronous").all();
      assert.equal(Number(Object.values(row as object)[0]), 1);
    }),
    test("error: tables that are not there", async (rig) => {
      const db = rig.database("new.db");
      const storage = driver.storage(db);
      await refused("STORAGE_NOT_MIGRATED", () => storage.open());
      db.exec("BEGIN IMMEDIATE");
      await refused(
        "STORAGE_NOT_MIGRATED",
        () => storage.writer.insertSync(db, [message()]),
      );
      db.exec("ROLLBACK");
    }),
    test("error: a lock that another connection holds", busy),
    test("error: a table that the same connection reads", locked),
    test("error: a database that is full", full),
    test("error: a database that was opened to be read", readOnly),
  ];
}

async function busy(rig: Rig): Promise<void> {
  const store = await rig.open();
  const holder = rig.database("app.db");
  holder.exec("BEGIN IMMEDIATE");
  const acquire = () =>
    store.acquire({
      owner: "relay",
      leaseMs: 1_000,
      nowMs: 1,
      expect: { epoch: 0, beat: 0 },
    });
  await refused("STORAGE_BUSY", acquire);
  rig.db.exec("BEGIN");
  await refused("STORAGE_BUSY", () => rig.outbox.enqueue(rig.db, reading));
  rig.db.exec("ROLLBACK");
  holder.exec("ROLLBACK");
  assert.ok(await acquire());
}

/** What becomes of it is for the tables of the user, as ours are never dropped. */
async function locked(rig: Rig): Promise<void> {
  const { db } = rig;
  for (const id of ["a", "b"]) {
    db.prepare("INSERT INTO business (id) VALUES (?)").run(id);
  }
  (db as { unsafeMode?(on: boolean): void }).unsafeMode?.(true);
  const rows = db.prepare("SELECT id FROM business").iterate();
  rows.next();
  await refused("STORAGE_BUSY", () => {
    try {
      db.prepare("DROP TABLE business").run();
    } catch (error) {
      throw storageError("drop a table", error);
    }
  });
  while (!rows.next().done);
}

async function full(rig: Rig): Promise<void> {
  const { db, storage } = rig;
  const [row] = db.prepare("PRAGMA page_count").all();
  const pages = Number(Object.values(row as object)[0]);
  db.exec(`PRAGMA max_page_count = ${pages}`);
  const large = message({ payload: new Uint8Array(100_000) });
  await refused(
    "STORAGE_FULL",
    () => storage.transaction((tx) => storage.writer.insertSync(tx, [large])),
  );
  assert.equal(rig.driver.isTransaction(db), false);
  assert.deepEqual(await rig.ids(), []);
}

async function readOnly(rig: Rig): Promise<void> {
  const db: Database = rig.driver.open(rig.path, { readOnly: true });
  db.exec("BEGIN");
  await refused("STORAGE_READ_ONLY", () => rig.outbox.enqueue(db, reading));
  db.exec("ROLLBACK");
  db.close();
}
