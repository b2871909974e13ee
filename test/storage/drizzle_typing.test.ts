/**
 * What compiles over the drivers of drizzle: a driver that answers at once
 * takes a storage that does, and gives its own transactions to it.
 */

import type { Client } from "@libsql/client";
import {
  createOutbox,
  type Draft,
  type NewMessage,
  type Receipt,
} from "@mailboat/outbox";
import { drizzleStorage, drizzleTransactions } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import {
  type NodeSqliteDatabase,
  nodeSqliteStorage,
} from "@mailboat/outbox/node-sqlite";
import type { BetterSQLite3Database } from "drizzle-orm/better-sqlite3";
import type { BunSQLiteDatabase } from "drizzle-orm/bun-sqlite";
import type { DrizzleD1Database } from "drizzle-orm/d1";
import type { DrizzleSqliteDODatabase } from "drizzle-orm/durable-sqlite";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
import { expectTypeOf, test } from "vitest";

const readings = sqliteTable("readings", { kwh: integer() });
const none: readonly NewMessage[] = [];

/** Never called: it is enough that it compiles. */
function syncDatabasesFit(
  better: BetterSQLite3Database<{ readings: typeof readings }>,
  bun: BunSQLiteDatabase,
  object: DrizzleSqliteDODatabase,
  client: NodeSqliteDatabase,
  draft: Draft<unknown>,
) {
  const beneath = nodeSqliteStorage(client);
  const storage = drizzleStorage(better, beneath);
  const outbox = createOutbox({ storage });
  const result: number = storage.transaction((tx) => {
    tx.insert(readings).values({ kwh: 4 }).run();
    const receipts: readonly Receipt[] = outbox.enqueue(tx, draft);
    tx.transaction((nested) => outbox.enqueue(nested, draft));
    return receipts.length;
  });
  better.transaction((tx) => outbox.enqueue(tx, draft));
  bun.transaction((tx) =>
    createOutbox({ storage: drizzleStorage(bun, beneath) }).enqueue(tx, draft)
  );
  object.transaction((tx) =>
    drizzleStorage(object, beneath).writer.insertSync(tx, none)
  );
  // @ts-expect-error a database is no transaction
  outbox.enqueue(better, draft);
  // @ts-expect-error nor is the client beneath it
  outbox.enqueue(client, draft);
  // @ts-expect-error it makes no statements for a batch
  void outbox.prepare(draft);
  return result;
}

/** Never called. */
function othersDoNotFit(
  better: BetterSQLite3Database,
  bun: BunSQLiteDatabase,
  libsql: LibSQLDatabase,
  d1: DrizzleD1Database,
  client: Client,
  database: NodeSqliteDatabase,
) {
  void d1.batch([
    d1.insert(readings).values({ kwh: 4 }),
    ...drizzleStorage(d1, libsqlStorage(client)).writer.statements(none),
  ]);
  // @ts-expect-error a driver that answers at once needs a storage that does
  drizzleStorage(bun, libsqlStorage(client));
  // @ts-expect-error and one that promises its answers a storage that does
  drizzleStorage(libsql, nodeSqliteStorage(database));
  // @ts-expect-error a storage without a writer has no transactions
  drizzleStorage(better, nodeSqliteStorage("app.db"));
  // @ts-expect-error drizzle's transactions do not wait for a handler there
  drizzleTransactions(better);
}

test("databases and storages of one kind compile, others do not", () => {
  expectTypeOf(syncDatabasesFit).toBeFunction();
  expectTypeOf(othersDoNotFit).toBeFunction();
});
