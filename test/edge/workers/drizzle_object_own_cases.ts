/**
 * What only drizzle over a Durable Object does.
 *
 * @module
 */

import { createOutbox } from "@mailboat/outbox";
import {
  durableObjectStorage,
  durableObjectTransactions,
} from "@mailboat/outbox/durable-object";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { business, drizzleOver, type Tx } from "./drizzle_object_harness.ts";
import type { ObjectStorage } from "./object_harness.ts";
import { caught, codeOf, idsIn, same } from "./outcomes.ts";
import { reading } from "./reading.ts";

const undone = new Error("undone");

type Bench = Awaited<ReturnType<typeof benchOn>>;

/** Cases on the database of an object. */
export function drizzleObjectCases(
  database: ObjectStorage,
): readonly ConformanceCase[] {
  const cases: Readonly<Record<string, (bench: Bench) => Promise<void>>> = {
    "rows and messages are committed together": commitsBoth,
    "rows and messages are rolled back together": rollsBack,
    "a savepoint takes part": savepoints,
    "a callback that returns a promise is rolled back": refusesPromises,
    "what nobody sees the end of is refused": refusesUnseen,
    "none begins while another awaits something": waitsForNone,
    "drizzle writes in a transaction that awaits something": writesInAwaited,
    "more than a value holds is stored in parts": storesParts,
    "what is of another database is refused": refusesStrangers,
  };
  return Object.entries(cases).map(([name, check]) => ({
    name: `drizzle over an object: ${name}`,
    run: async () => await check(await benchOn(database)),
  }));
}

async function commitsBoth({ storage, outbox, write, stored }: Bench) {
  const ids = storage.transaction((tx) => {
    write(tx, "row");
    return outbox.enqueue(tx, reading({}), reading({})).map(({ id }) => id);
  });
  same(await stored(), { rows: ["row"], messages: ids });
}

async function rollsBack({ storage, outbox, write, stored }: Bench) {
  const thrown = caught(() =>
    storage.transaction((tx) => {
      write(tx, "row");
      outbox.enqueue(tx, reading({}));
      throw undone;
    })
  );
  same(thrown === undone, true);
  same(await stored(), { rows: [], messages: [] });
}

async function savepoints({ storage, db, outbox, write, stored }: Bench) {
  storage.transaction((tx) => {
    const thrown = caught(() =>
      tx.transaction((inner) => {
        write(inner, "a");
        outbox.enqueue(inner, reading({}, { id: "a" }));
        throw undone;
      })
    );
    same(thrown === undone, true);
    tx.transaction((inner) => outbox.enqueue(inner, reading({}, { id: "b" })));
    db.transaction((inner) => outbox.enqueue(inner, reading({}, { id: "c" })));
    storage.transaction((inner) =>
      outbox.enqueue(inner, reading({}, { id: "d" }))
    );
    outbox.enqueue(tx, reading({}, { id: "e" }));
  });
  same(await stored(), { rows: [], messages: ["b", "c", "d", "e"] });
}

async function refusesPromises({ storage, outbox, write, stored }: Bench) {
  const late: Promise<unknown>[] = [];
  const thrown = caught(() =>
    storage.transaction((tx) => {
      const promise = (async () => {
        write(tx, "row");
        outbox.enqueue(tx, reading({}));
        await null;
        outbox.enqueue(tx, reading({}));
      })();
      late.push(promise.catch((error: unknown) => error));
      return promise;
    })
  );
  same(codeOf(thrown), "INVALID_OPTION");
  same(codeOf(await late[0]), "TRANSACTION_FINISHED");
  same(await stored(), { rows: [], messages: [] });
}

async function refusesUnseen({ db, storage, outbox, stored }: Bench) {
  const kept = storage.transaction((tx) => tx);
  const over = caught(() => outbox.enqueue(kept, reading({})));
  same(codeOf(over), "TRANSACTION_FINISHED");
  const unseen = caught(() =>
    db.transaction((tx) => outbox.enqueue(tx, reading({})))
  );
  same(codeOf(unseen), "TRANSACTION_FINISHED");
  const { message } = unseen as Error;
  same(message.includes("begin it with storage.transaction"), true);
  const bare = caught(() => outbox.enqueue(db as never, reading({})));
  same(codeOf(bare), "NOT_A_TRANSACTION");
  same(await stored(), { rows: [], messages: [] });
}

async function waitsForNone({ database, storage }: Bench) {
  const thrown: unknown[] = [];
  await durableObjectTransactions(database).transaction(async () => {
    thrown.push(caught(() => storage.transaction(() => {})));
    await null;
  });
  same(thrown.map(codeOf), ["STORAGE_BUSY"]);
  same(storage.transaction(() => "afterwards"), "afterwards");
}

async function writesInAwaited({ database, db, write, stored }: Bench) {
  const storage = durableObjectStorage(database);
  const outbox = createOutbox({ storage });
  const failing = durableObjectTransactions(database).transaction(
    async (tx) => {
      write(db, "row");
      await null;
      outbox.enqueue(tx, reading({}));
      throw undone;
    },
  );
  same(await failing.catch((error: unknown) => error) === undone, true);
  same(await stored(), { rows: [], messages: [] });
}

async function storesParts({ storage, outbox, stored }: Bench) {
  const data = { kwh: "4".repeat(250_000) };
  const drafts = Array.from({ length: 12 }, () => reading(data));
  const receipts = storage.transaction((tx) => outbox.enqueue(tx, ...drafts));
  same((await stored()).messages, receipts.map(({ id }) => id));
}

async function refusesStrangers({ database, db, storage, stored }: Bench) {
  const { sql } = database;
  const other = {
    sql,
    transactionSync: <T>(work: () => T) => work(),
    transaction: <T>(work: () => Promise<T>) => work(),
    sync: () => Promise.resolve(),
  };
  const foreign = caught(() => drizzleStorage(db, durableObjectStorage(other)));
  same(codeOf(foreign), "INVALID_OPTION");
  const own = createOutbox({ storage: drizzleOver(database).storage });
  const thrown = caught(() =>
    storage.transaction((tx) => own.enqueue(tx, reading({})))
  );
  same(codeOf(thrown), "FOREIGN_TRANSACTION");
  same(await stored(), { rows: [], messages: [] });
}

async function benchOn(database: ObjectStorage) {
  await database.deleteAll();
  database.sql.exec("CREATE TABLE business (id TEXT)");
  const { db, storage } = drizzleOver(database);
  await storage.migrate();
  const store = await storage.open();
  return {
    database,
    db,
    storage,
    outbox: createOutbox({ storage }),
    write: (tx: Pick<Tx, "insert">, id: string) =>
      void tx.insert(business).values({ id }).run(),
    stored: async () => ({
      rows: db.select().from(business).all().map(({ id }) => id),
      messages: await idsIn(store),
    }),
  };
}
