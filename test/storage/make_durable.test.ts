import { type Client, createClient } from "@libsql/client";
import {
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { LogFile } from "../../adapters/sqlite/log_file.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "mailboat-log-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

test("the log is synced as often as it takes, also when it was removed and made again", async () => {
  const database = join(folder(), "app.db");
  const log = new LogFile(database);
  expect(await log.sync()).toBe(false);
  writeFileSync(`${database}-wal`, "one");
  expect([await log.sync(), await log.sync()]).toEqual([true, true]);
  rmSync(`${database}-wal`);
  expect(await log.sync()).toBe(false);
  writeFileSync(`${database}-wal`, "two");
  expect(await log.sync()).toBe(true);
  await log.close();
  await log.close();
});

test("what was read is made durable by a sync that writes nothing, behind a link too", async () => {
  const real = join(folder(), "app.db");
  const client = await createDatabase(real);
  const link = join(folder(), "link.db");
  symlinkSync(real, link);
  const store = await libsqlStorage(link).open();
  const before = statSync(`${real}-wal`).size;
  const syncs = countSyncs();
  await store.makeDurable();
  await store.makeDurable();
  expect(syncs).toEqual([true, true]);
  expect(statSync(`${real}-wal`).size).toBe(before);
  expect(store.durability.detail).toContain("application.synchronous=unknown");
  await store.close();
  client.close();
});

test("where the log cannot be opened, a commit makes it durable, and nothing has changed", async () => {
  const path = join(folder(), "app.db");
  const client = await createDatabase(path);
  const { sync } = LogFile.prototype;
  onTestFinished(() => void (LogFile.prototype.sync = sync));
  LogFile.prototype.sync = () => Promise.resolve(false);
  const store = await libsqlStorage(client).open();
  const survey = await store.survey();
  const before = statSync(`${path}-wal`).size;
  await store.makeDurable();
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(before);
  expect(await store.survey()).toEqual(survey);
  await store.close();
  client.close();
});

async function createDatabase(path: string): Promise<Client> {
  const client = createClient({ url: `file:${path}` });
  await client.execute("PRAGMA journal_mode=WAL");
  await libsqlStorage(client).migrate();
  return client;
}

/** The results of every sync from now on. */
function countSyncs(): boolean[] {
  const { sync } = LogFile.prototype;
  onTestFinished(() => void (LogFile.prototype.sync = sync));
  const results: boolean[] = [];
  LogFile.prototype.sync = async function () {
    results.push(await sync.call(this));
    return results.at(-1)!;
  };
  return results;
}
