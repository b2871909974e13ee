/**
 * Migrations: idempotent, safe at once from several processes, refusing what
 * they cannot serve before anything is written.
 */

import { createClient } from "@libsql/client";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { program } from "./child.ts";
import {
  adapters,
  createRig,
  message,
  openClient,
  readIds,
  temporaryFolder,
} from "./rig.ts";

const migrator = program("migrator");
const reader = program("reader");

test("migrate() may be called again, and changes nothing", async () => {
  const rig = await createRig();
  await rig.commit(message({ id: "a" }));
  const identities: string[] = [];
  for (let round = 0; round < 3; round++) {
    await rig.storage.migrate();
    const store = await rig.open();
    identities.push(store.identity);
    expect(await readIds(store)).toEqual(["a"]);
  }
  expect(identities[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(new Set(identities).size).toBe(1);
});

test("migrate() leaves other tables and settings alone", async () => {
  const client = await openClient(join(temporaryFolder(), "app.db"));
  await client.execute("INSERT INTO note (text) VALUES ('mine')");
  await client.execute("PRAGMA user_version = 7");
  await libsqlStorage(client).migrate();
  const { rows: tables } = await client.execute(
    "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
  );
  expect(tables.map(({ name }) => name)).toEqual([
    "mailboat_archive",
    "mailboat_expired",
    "mailboat_failure",
    "mailboat_inbox",
    "mailboat_inbox_lane",
    "mailboat_letter",
    "mailboat_message",
    "mailboat_position",
    "mailboat_relay",
    "mailboat_schema",
    "note",
  ]);
  const { rows: [version] } = await client.execute("PRAGMA user_version");
  expect(version?.[0]).toBe(7);
});

test("two outboxes have two identities", async () => {
  const [one, other] = [await createRig(), await createRig()];
  expect((await one.open()).identity).not.toBe((await other.open()).identity);
});

test.each(["path", "client"])(
  "several processes migrate at once, by %s, and all succeed",
  async (how) => {
    const children = await Promise.all(
      [1, 2, 3].map(() => migrator([how])),
    );
    for (const child of children) expect(await child.line()).toBe("ready");
    const folder = temporaryFolder();
    for (let round = 0; round < 40; round++) {
      const path = join(folder, `${round}.db`);
      if (how === "client") (await openClient(path)).close();
      const answers = await Promise.all(
        children.map((child) => child.ask(path)),
      );
      expect(answers).toEqual(["migrated", "migrated", "migrated"]);
      // The last one to close a database locks it for a moment.
      const client = createClient({ url: `file:${path}`, timeout: 5_000 });
      const { rows } = await client.execute(
        "SELECT count(*) FROM mailboat_schema UNION ALL SELECT count(*) FROM mailboat_relay",
      );
      client.close();
      expect(rows.map((row) => row[0])).toEqual([1, 1]);
    }
  },
);

test("tables of a newer Mailboat are refused, by both versions, and left alone", async () => {
  const rig = await createRig();
  await rig.client.execute("INSERT INTO mailboat_schema (version) VALUES (9)");
  await rig.client.execute("DROP TABLE mailboat_archive");
  const newer = expect.objectContaining({
    name: "StorageError",
    code: "STORAGE_NEWER",
    message: expect.stringMatching(/version 1 or older: current value is 9$/),
  });
  await expect(rig.storage.migrate()).rejects.toEqual(newer);
  await expect(rig.storage.open()).rejects.toEqual(newer);
  expect(
    await rig.column(
      "SELECT name FROM sqlite_schema WHERE name LIKE '%archive'",
    ),
  ).toEqual([]);
});

test.each(adapters)(
  "open() asks for migrate(), with $name",
  async (adapter) => {
    const client = await openClient(join(temporaryFolder(), "app.db"));
    const { storage } = adapter.over(client);
    await expect(storage.open()).rejects
      .toMatchObject({ code: "STORAGE_NOT_MIGRATED" });
  },
);

test("a migration that fails half-way leaves nothing", async () => {
  const client = await openClient(join(temporaryFolder(), "app.db"));
  await client.execute("CREATE VIEW mailboat_relay AS SELECT 1 id");
  await expect(libsqlStorage(client).migrate()).rejects
    .toMatchObject({ code: "STORAGE_FAILED" });
  const { rows } = await client.execute(
    "SELECT name FROM sqlite_schema WHERE name LIKE 'mailboat%'",
  );
  expect(rows.map(({ name }) => name)).toEqual(["mailboat_relay"]);
});

test("a client's database that is not WAL is refused, and left as it is", async () => {
  const path = join(temporaryFolder(), "app.db");
  const client = createClient({ url: `file:${path}` });
  await client.execute("CREATE TABLE note (text TEXT)");
  const storage = libsqlStorage(client);
  const notWal = expect.objectContaining({
    code: "STORAGE_NOT_WAL",
    message: expect.stringMatching(
      /PRAGMA journal_mode=WAL sets: current value is delete$/,
    ),
  });
  await expect(storage.migrate()).rejects.toEqual(notWal);
  await expect(storage.open()).rejects.toEqual(notWal);
  const { rows } = await client.execute("SELECT name FROM sqlite_schema");
  expect(rows.map(({ name }) => name)).toEqual(["note"]);
  client.close();
});

test("a database in memory is refused", async () => {
  const client = createClient({ url: ":memory:" });
  const storage = libsqlStorage(client);
  const inMemory = {
    code: "STORAGE_NOT_WAL",
    message: expect.stringContaining("current value is a database in memory"),
  };
  await expect(storage.migrate()).rejects.toMatchObject(inMemory);
  await expect(storage.open()).rejects.toMatchObject(inMemory);
  client.close();
});

test("text that is not UTF-8 throughout is refused", async () => {
  const path = join(temporaryFolder(), "app.db");
  const client = createClient({ url: `file:${path}` });
  await client.executeMultiple(
    "PRAGMA encoding='UTF-16'; PRAGMA journal_mode=WAL; CREATE TABLE t (a)",
  );
  await expect(libsqlStorage(client).migrate()).rejects.toMatchObject({
    code: "STORAGE_FAILED",
    message: expect.stringMatching(/must be UTF-8: current value is UTF-16/),
  });
  client.close();
});

test("by path, migrate() creates the file in WAL mode, and open() does not", async () => {
  const path = join(temporaryFolder(), "a b#c%41?.db");
  const storage = libsqlStorage(path);
  await expect(storage.open()).rejects
    .toMatchObject({ code: "STORAGE_NOT_MIGRATED" });
  expect(existsSync(path)).toBe(false);
  await storage.migrate();
  expect(existsSync(path)).toBe(true);
  const store = await storage.open();
  expect(store.durability).toEqual({
    level: "power-loss",
    detail: "journal_mode=wal synchronous=2 application.synchronous=unknown",
  });
  await store.close();
});

test("a relay's process and the application's find the same outbox", async () => {
  const rig = await createRig();
  await rig.commit(message({ id: "a" }));
  for (const location of [rig.path, `file:${rig.path}`, `file://${rig.path}`]) {
    const store = await libsqlStorage(location).open();
    expect(store.identity).toBe((await rig.open()).identity);
    expect(await readIds(store)).toEqual(["a"]);
    await store.close();
  }
});

test.each([
  ["OFF", 0, "none"],
  ["NORMAL", 1, "process-crash"],
  ["FULL", 2, "power-loss"],
  ["EXTRA", 3, "power-loss"],
])(
  "an application that commits with synchronous=%s is reported as %s: %s",
  async (name, value, level) => {
    const rig = await createRig();
    await rig.client.execute(`PRAGMA synchronous=${name}`);
    expect((await rig.open()).durability).toEqual({
      level,
      detail: `journal_mode=wal synchronous=2 application.synchronous=${value}`,
    });
  },
);

test("the client that was given is left as it was", async () => {
  const path = join(temporaryFolder(), "app.db");
  const client = await openClient(path, { concurrency: 1 });
  await client.execute("PRAGMA synchronous=NORMAL");
  const rig = await createRig(adapters[0], { client, path });
  await (await rig.open()).close();
  await rig.commit(message());
  expect(client.closed).toBe(false);
  expect(await rig.column("PRAGMA synchronous")).toEqual([1]);
  expect(await rig.column("PRAGMA busy_timeout")).toEqual([0]);
});

test("close() may be called again, and ends the store", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await store.close();
  await store.close();
  await expect(store.survey()).rejects
    .toMatchObject({ name: "StorageError", code: "STORAGE_FAILED" });
});

test("a database that may not be written is refused", async () => {
  const rig = await createRig();
  const folder = join(rig.path, "..");
  rig.client.close();
  for (const name of ["app.db", "app.db-wal", "app.db-shm"]) {
    const file = join(folder, name);
    if (existsSync(file)) chmodSync(file, 0o444);
  }
  chmodSync(folder, 0o555);
  // To the superuser, everything may be written.
  const child = await reader(
    [rig.path],
    process.getuid?.() === 0
      ? ["setpriv", "--bounding-set=-all", "--inh-caps=-all"]
      : [],
  );
  expect([await child.line(), await child.line()])
    .toEqual(["STORAGE_READ_ONLY", "STORAGE_READ_ONLY"]);
  chmodSync(folder, 0o755);
});
