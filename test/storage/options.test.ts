/**
 * Options: what is refused when a storage is created.
 */

import { createClient } from "@libsql/client";
import { InputError } from "@mailboat/outbox";
import { createMemoryStorage } from "@mailboat/outbox/testing";
import { betterSqlite3Transactions } from "@mailboat/outbox/better-sqlite3";
import { bunSqliteTransactions } from "@mailboat/outbox/bun-sqlite";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import {
  nodeSqliteStorage,
  nodeSqliteTransactions,
} from "@mailboat/outbox/node-sqlite";
import { drizzle } from "drizzle-orm/libsql";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createRig, message, readIds, temporaryFolder } from "./rig.ts";

function refusal(create: () => unknown): InputError {
  try {
    create();
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    expect(error).toMatchObject({ code: "INVALID_OPTION" });
    return error as InputError;
  }
  throw new Error("Nothing was refused");
}

test.each([
  "",
  "1a",
  "a-b",
  "a b",
  'a"',
  "a;",
  "a?",
  "ä",
  "a\n",
  "a".repeat(64),
  7,
  null,
])("a prefix of %j is refused", (prefix) => {
  const options = { prefix: prefix as string };
  const error = refusal(() => libsqlStorage("app.db", options));
  expect(error).toMatchObject({ field: "prefix" });
});

test.each(["_", "Outbox", "a1_", "select", "a".repeat(63)])(
  "tables may begin with %j",
  async (prefix) => {
    const rig = await createRig(undefined, { prefix });
    await rig.commit(message({ id: "a" }));
    expect(await readIds(await rig.open())).toEqual(["a"]);
  },
);

test.each([
  ":memory:",
  "file::memory:",
  "file::memory:?cache=shared",
  "",
  "file:",
  "file:app.db?mode=ro",
  "file:app.db#x",
  "file://host/app.db",
  "file:%zz.db",
  "libsql://db.example?authToken=secret",
  "https://user:secret@db.example",
  "ws://127.0.0.1:1",
])("a database at %j is refused, and no secret is shown", (location) => {
  const error = refusal(() => libsqlStorage(location));
  expect(error).toMatchObject({ field: "database" });
  expect(error.message).not.toContain("secret");
});

test("a client of a remote database is refused", () => {
  const client = createClient({ url: "http://127.0.0.1:1?authToken=secret" });
  const error = refusal(() => libsqlStorage(client));
  expect(error).toMatchObject({ field: "database" });
  expect(error.found).toContain("http");
  expect(error.message).not.toContain("secret");
  client.close();
});

test("a client of @libsql/client before 0.18 is refused as too old", () => {
  const client = { protocol: "file", execute: () => Promise.reject() };
  const error = refusal(() => libsqlStorage(client as never));
  expect(error).toMatchObject({ field: "database", found: "an older client" });
  expect(error.required).toContain("0.18");
});

test("a DatabaseSync that tells of no transaction is refused as too old", () => {
  const database = { prepare: () => {}, exec: () => {}, close: () => {} };
  const error = refusal(() => nodeSqliteStorage(database as never));
  expect(error).toMatchObject({ field: "database" });
  expect(error.required).toContain("node:sqlite, from Node 22.16 on");
});

test.each<(path: string) => unknown>([
  nodeSqliteTransactions,
  betterSqlite3Transactions,
  bunSqliteTransactions,
])("%o have a connection of their own, at a path", (create) => {
  for (const path of [null, undefined, {}, 7]) {
    const error = refusal(() => create(path as never));
    expect(error).toMatchObject({ field: "database" });
    expect(error.required).toContain("connection of their own");
  }
  refusal(() => create(":memory:"));
});

test.each([null, undefined, {}, 7])(
  "%j is refused as a database",
  (database) => {
    refusal(() => libsqlStorage(database as never));
    refusal(() => drizzleStorage(database as never, libsqlStorage("app.db")));
  },
);

test.each([null, undefined, {}, 7, createMemoryStorage()])(
  "%j is refused as the storage beneath",
  (storage) => {
    const db = drizzle(`file:${join(temporaryFolder(), "app.db")}`);
    const error = refusal(() => drizzleStorage(db, storage as never));
    expect(error).toMatchObject({ field: "storage" });
    db.$client.close();
  },
);

test("creating a storage opens nothing", () => {
  const folder = temporaryFolder();
  const path = join(folder, "app.db");
  const storage = libsqlStorage(path);
  storage.writer.statements([message()]);
  expect(existsSync(path)).toBe(false);
  const client = {
    protocol: "file",
    execute: () => Promise.reject(new Error("It was asked")),
    reconnect: () => {},
  };
  libsqlStorage(client);
  expect(readdirSync(folder)).toEqual([]);
});
