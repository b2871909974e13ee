/**
 * Transactions: what is not done when the work returns is refused, and so is
 * whatever is no transaction on this database.
 *
 * @module
 */

import { createInbox } from "@mailboat/outbox";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import assert from "node:assert/strict";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import type { Database, Driver } from "./driver.ts";
import { meterRead, refused, type Rig, withRig } from "./rig.ts";

const reading = (n: number) => meterRead({ meter: "m-1", n });

const write = (db: Database) =>
  db.prepare("INSERT INTO business (id) VALUES (?)").run("r");

export function transactionCases(driver: Driver): readonly ConformanceCase[] {
  const test = withRig.bind(null, driver);
  return [
    test("transaction: commits what it returns, whole", async (rig) => {
      const { storage, outbox } = rig;
      const [receipt] = storage.transaction((tx) => {
        write(tx);
        return outbox.enqueue(tx, reading(1));
      });
      assert.deepEqual(await rig.ids(), [receipt?.id]);
      assert.equal(rig.rows(), 1);
    }),
    test("transaction: what throws leaves nothing", async (rig) => {
      const { storage, outbox } = rig;
      const oops = new Error("oops");
      assert.throws(() =>
        storage.transaction((tx) => {
          write(tx);
          outbox.enqueue(tx, reading(1));
          throw oops;
        }), oops);
      await requireNothing(rig);
      storage.transaction((tx) => outbox.enqueue(tx, reading(2)));
      assert.equal((await rig.ids()).length, 1);
    }),
    test("transaction: an async callback is rolled back", async (rig) => {
      const { storage, outbox } = rig;
      const message = await refused("INVALID_OPTION", () =>
        // deno-lint-ignore require-await
        storage.transaction(async (tx) => {
          write(tx);
          outbox.enqueue(tx, reading(1));
        }));
      assert.match(message, /work must be done when it returns/);
      await requireNothing(rig);
    }),
    test("transaction: one that fails later does no harm", failingLater),
    test("transaction: within another it is refused", async (rig) => {
      const { storage, outbox } = rig;
      storage.transaction((tx) => {
        assert.throws(() => storage.transaction(write));
        outbox.enqueue(tx, reading(1));
      });
      assert.equal((await rig.ids()).length, 1);
      assert.equal(rig.rows(), 0);
    }),
    test("handle: outside of a transaction nothing is stored", outside),
    test("handle: another database is refused", anotherDatabase),
    test("handle: another connection to the same file will do", async (rig) => {
      const other = rig.database("app.db");
      other.exec("BEGIN IMMEDIATE");
      rig.outbox.enqueue(other, reading(1));
      other.exec("COMMIT");
      assert.equal((await rig.ids()).length, 1);
    }),
    test("handle: what is no database is refused", async ({ outbox }) => {
      for (const tx of [null, undefined, {}, 7, "app.db", () => {}]) {
        await refused(
          "NOT_A_TRANSACTION",
          () => outbox.enqueue(tx as never, reading(1)),
        );
      }
    }),
  ];
}

/** It goes on after its first `await`, where no transaction is open any more. */
async function failingLater(rig: Rig): Promise<void> {
  const { storage, outbox } = rig;
  const unhandled: unknown[] = [];
  const note = (reason: unknown) => void unhandled.push(reason);
  process.on("unhandledRejection", note);
  let later: unknown;
  await refused("INVALID_OPTION", () =>
    storage.transaction(async (tx) => {
      write(tx);
      await pause(1);
      try {
        outbox.enqueue(tx, reading(1));
      } catch (error) {
        later = error;
      }
      throw new Error("oops");
    }));
  await pause(20);
  process.off("unhandledRejection", note);
  assert.equal((later as { code?: string }).code, "NOT_A_TRANSACTION");
  assert.deepEqual(unhandled, []);
  await requireNothing(rig);
}

async function outside(rig: Rig): Promise<void> {
  const { db, storage, outbox } = rig;
  const inbox = createInbox({ storage, consumer: "billing" });
  const message = await refused(
    "NOT_A_TRANSACTION",
    () => outbox.enqueue(db, reading(1)),
  );
  assert.match(message, /without an open transaction/);
  const accept = () => inbox.accept(db, { source: "/a", id: "1", key: null });
  await refused("NOT_A_TRANSACTION", accept);
  await requireNothing(rig);
}

async function anotherDatabase(rig: Rig): Promise<void> {
  const { driver, outbox } = rig;
  const other = rig.database("other.db");
  await driver.storage(other).migrate();
  other.exec("BEGIN IMMEDIATE");
  await refused(
    "FOREIGN_TRANSACTION",
    () => outbox.enqueue(other, reading(1)),
  );
  other.exec("COMMIT");
  const store = await driver.storage(other).open();
  assert.equal((await store.survey()).newestSeq, 0);
  await store.close();
  await requireNothing(rig);
}

async function requireNothing(rig: Rig): Promise<void> {
  assert.equal(rig.driver.isTransaction(rig.db), false);
  assert.deepEqual(await rig.ids(), []);
  assert.equal(rig.rows(), 0);
}
