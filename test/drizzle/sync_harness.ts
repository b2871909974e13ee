/**
 * drizzle over drivers that answer at once, as the conformance cases see it.
 *
 * @module
 */

import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { sql } from "drizzle-orm";
import {
  type Database,
  type Harness,
  syncHarness,
} from "../conformance/sync_harness.ts";
import type { Db, DrizzleDriver, Tx } from "./drivers.ts";
import { handleOf } from "./handle.ts";

/** A database of drizzle, and a transaction of it that is over already. */
interface Opened {
  readonly db: Db;
  readonly tx: Tx;
}

/**
 * Makes harnesses around new database files.
 *
 * The cases await things in the middle of a transaction, and drizzle does not.
 * So the transaction is begun and ended on the connection, around a handle that
 * drizzle made before: such a handle is nothing but its connection.
 */
export function drizzleSyncHarness(
  driver: DrizzleDriver,
): () => Promise<Harness<Tx>> {
  const opened = new WeakMap<object, Opened>();
  const create = syncHarness({
    ...driver,
    open(path) {
      const client = driver.open(path);
      const db = driver.drizzle(client);
      opened.set(client, { db, tx: handleOf(db) });
      return client;
    },
  });
  const over = (inner: Harness<Database>): Harness<Tx> => {
    const client = inner.plainHandle as Database;
    const { db } = opened.get(client)!;
    return {
      ...inner,
      storage: drizzleStorage(db, driver.storage(client)),
      plainHandle: db,
      transaction: (work) =>
        inner.transaction((it) => work(opened.get(it)!.tx)),
      foreignTransaction: (work) =>
        inner.foreignTransaction((it) => work(opened.get(it)!.tx)),
      writeRow: async (tx, id) => {
        await tx.run(sql`INSERT INTO business (id) VALUES (${id})`);
      },
      restart: async () => over(await inner.restart()),
    };
  };
  return async () => over(await create());
}
