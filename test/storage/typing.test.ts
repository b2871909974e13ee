/**
 * What compiles: a transaction where one is asked for, and nothing else. The
 * real clients fit what the adapters ask of them.
 */

import { type Client, createClient, type Transaction } from "@libsql/client";
import {
  createInbox,
  createOutbox,
  type Draft,
  type NewMessage,
} from "@mailboat/outbox";
import { d1Storage } from "@mailboat/outbox/d1";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import {
  durableObjectStorage,
  type DurableObjectStorageLike,
} from "@mailboat/outbox/durable-object";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
import { expectTypeOf, test } from "vitest";
import type { Database } from "../edge/workers/d1_harness.ts";

const readings = sqliteTable("readings", { kwh: integer() });
const none: readonly NewMessage[] = [];

/** Never called: it is enough that it compiles. */
function libsqlFits(client: Client, tx: Transaction) {
  const { writer } = libsqlStorage(client);
  void writer.insert(tx, none);
  void client.batch(["SELECT 1", ...writer.statements(none)], "write");
  // @ts-expect-error a client is no transaction
  void writer.insert(client, none);
  // @ts-expect-error nor is nothing
  void writer.insert(undefined, none);
  libsqlStorage("file:app.db", { prefix: "p_" });
  // @ts-expect-error a configuration is no client
  libsqlStorage({ url: "file:app.db" });
}

/** Never called. */
function drizzleFits(client: Client) {
  const db = drizzle({ client, schema: { readings } });
  const { writer } = drizzleStorage(db, libsqlStorage(client));
  void db.transaction(async (tx) => {
    await writer.insert(tx, none);
    await tx.transaction((nested) => writer.insert(nested, none));
  });
  void db.batch([
    db.insert(readings).values({ kwh: 4 }),
    ...writer.statements(none),
  ]);
  void db.batch([db.run(sql`SELECT 1`), ...writer.statements(none)]);
  // @ts-expect-error a database is no transaction
  void writer.insert(db, none);
  // @ts-expect-error nor is the client beneath it
  void writer.insert(client, none);
  // @ts-expect-error the storage beneath cannot be found
  drizzleStorage(db);
}

/** Never called. */
function d1Fits(database: Database) {
  const outbox = createOutbox({ storage: d1Storage(database) });
  const draft = {} as Draft;
  void outbox.prepare(draft).then(({ statements }) =>
    database.batch([database.prepare("SELECT 1"), ...statements])
  );
  // @ts-expect-error a database is no transaction, and there is none
  void outbox.enqueue(database, draft);
  // @ts-expect-error nor is nothing
  void outbox.enqueue(undefined, draft);
  // @ts-expect-error without transactions there is no inbox
  createInbox({ consumer: "one", storage: d1Storage(database) });
}

/** Never called. */
function durableObjectFits(database: DurableObjectStorageLike) {
  const storage = durableObjectStorage(database);
  const outbox = createOutbox({ storage });
  const draft = {} as Draft;
  storage.transaction((tx) => outbox.enqueue(tx, draft));
  // @ts-expect-error the storage of the object is no transaction
  outbox.enqueue(database, draft);
  // @ts-expect-error nor is one made by hand
  outbox.enqueue({ sql: database.sql }, draft);
}

/** Never called. */
function foreignHandlesDoNotFit(client: Client, tx: Transaction) {
  const db = drizzle(createClient({ url: "file:app.db" }));
  // @ts-expect-error drizzle's transaction belongs to drizzle's storage
  void db.transaction((tx) => libsqlStorage(client).writer.insert(tx, none));
  // @ts-expect-error and the client's to the client's
  void drizzleStorage(db, libsqlStorage(client)).writer.insert(tx, none);
}

test("transactions compile, other handles do not", () => {
  expectTypeOf(libsqlFits).toBeFunction();
  expectTypeOf(drizzleFits).toBeFunction();
  expectTypeOf(d1Fits).toBeFunction();
  expectTypeOf(durableObjectFits).toBeFunction();
  expectTypeOf(foreignHandlesDoNotFit).toBeFunction();
});
