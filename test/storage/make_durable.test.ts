import { createClient } from "@libsql/client";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
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

test.each([["FULL", false], ["NORMAL", true]] as const)(
  "what was read is made durable where commits do not: %s, seen through the client",
  async (level, syncs) => {
    const database = join(folder(), "app.db");
    const client = createClient({ url: `file:${database}` });
    onTestFinished(() => client.close());
    await client.executeMultiple(
      `PRAGMA journal_mode=WAL; PRAGMA synchronous=${level}`,
    );
    expect(await countSyncs(client)).toBe(syncs ? 2 : 0);
  },
);

test("where the level cannot be seen, the log is synced, and nothing is written", async () => {
  const database = join(folder(), "app.db");
  const size = () => statSync(`${database}-wal`).size;
  const client = createClient({ url: `file:${database}` });
  onTestFinished(() => client.close());
  await client.execute("PRAGMA journal_mode=WAL");
  await libsqlStorage(client).migrate();
  const store = await libsqlStorage(database).open();
  const before = size();
  expect(store.durability.detail).toContain("application.synchronous=unknown");
  await store.makeDurable();
  expect(size()).toBe(before);
  await store.close();
});

/** How often the log is synced when that is asked for twice. */
async function countSyncs(
  client: Parameters<typeof libsqlStorage>[0],
): Promise<number> {
  const { sync } = LogFile.prototype;
  onTestFinished(() => void (LogFile.prototype.sync = sync));
  let syncs = 0;
  LogFile.prototype.sync = function () {
    syncs += 1;
    return sync.call(this);
  };
  const storage = libsqlStorage(client);
  await storage.migrate();
  const store = await storage.open();
  await store.makeDurable();
  await store.makeDurable();
  await store.close();
  return syncs;
}
