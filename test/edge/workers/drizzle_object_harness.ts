/**
 * drizzle over the database of a Durable Object, as the conformance cases see
 * it.
 *
 * @module
 */

import {
  durableObjectStorage,
  type DurableObjectStorageLike,
} from "@mailboat/outbox/durable-object";
import {
  drizzleStorage,
  type DrizzleSyncStorage,
} from "@mailboat/outbox/drizzle";
import type { StorageHarness } from "@mailboat/outbox/testing";
import {
  drizzle,
  type DrizzleSqliteDODatabase,
} from "drizzle-orm/durable-sqlite";
import { sqliteTable, text } from "drizzle-orm/sqlite-core";
import { handleOf } from "../../drizzle/handle.ts";
import {
  type Abroad,
  type ObjectHarness,
  objectHarness,
  type ObjectStorage,
} from "./object_harness.ts";

/** The rows of the business. */
export const business = sqliteTable("business", { id: text() });

/** A database of drizzle. */
export type Db = DrizzleSqliteDODatabase;

/** A transaction of drizzle. */
export type Tx = Parameters<Parameters<Db["transaction"]>[0]>[0];

/** All kits are given the same: a storage with an inbox and a letter box. */
export interface DrizzleObjectHarness extends StorageHarness<Tx> {
  readonly storage: DrizzleSyncStorage<Tx>;
  restart(): Promise<DrizzleObjectHarness>;
}

/** drizzle over a database, and the storage on it. */
export function drizzleOver(database: ObjectStorage): {
  readonly db: Db;
  readonly storage: DrizzleSyncStorage<Tx>;
} {
  const db = drizzle(database as never);
  return { db, storage: drizzleStorage(db, durableObjectStorage(database)) };
}

/**
 * Makes harnesses on the database of an object, one after the other.
 *
 * The cases await things in the middle of a transaction, and drizzle does not.
 * So the transaction is one of the object, around a handle that drizzle made
 * before: such a handle is nothing but its database.
 */
export function drizzleObjectHarness(
  database: ObjectStorage,
  abroad: Abroad,
): () => Promise<DrizzleObjectHarness> {
  const create = objectHarness(database, abroad);
  const db = drizzle(database as never);
  const handle = handleOf(db);
  const over = (inner: ObjectHarness): DrizzleObjectHarness => ({
    ...inner,
    storage: drizzleStorage(db, durableObjectStorage(database)),
    plainHandle: db,
    transaction: (work) => inner.transaction(() => work(handle)),
    foreignTransaction: (work) =>
      abroad(({ sql }) => work(handleOf(drizzle(lent({ sql }) as never)))),
    writeRow: async (tx, id) => {
      await tx.insert(business).values({ id }).run();
    },
    restart: async () => over(await inner.restart()),
  });
  return async () => over(await create());
}

/** As much of another object's storage as drizzle asks for. */
function lent(
  { sql }: Pick<DurableObjectStorageLike, "sql">,
): Pick<DurableObjectStorageLike, "sql" | "transactionSync"> {
  return { sql, transactionSync: (work) => work() };
}
