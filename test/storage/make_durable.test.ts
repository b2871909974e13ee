import { libsqlStorage } from "@mailboat/outbox/libsql";
import { rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LogFile } from "../../adapters/sqlite/log_file.ts";
import {
  EVERYTHING,
  settle,
  takeLease,
} from "../../src/testing/conformance/storage_bench.ts";
import { createRig, messages, temporaryFolder } from "./rig.ts";

test("the log is synced as often as it takes, also when it was removed and made again", async () => {
  const database = join(temporaryFolder(), "app.db");
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

test("what was read is made durable by one sync that writes nothing, behind a link too", async () => {
  const rig = await createRig();
  await rig.commit(...messages("a"));
  const link = join(temporaryFolder(), "link.db");
  symlinkSync(rig.path, link);
  const store = await libsqlStorage(link).open();
  onTestFinished(() => store.close());
  const before = statSync(`${rig.path}-wal`).size;
  const syncs = countSyncs();
  await store.makeDurable();
  expect(syncs).toEqual([]);
  await store.read(EVERYTHING);
  await store.makeDurable();
  await store.makeDurable();
  expect(syncs).toEqual([true]);
  expect(statSync(`${rig.path}-wal`).size).toBe(before);
  expect(store.durability.detail).toContain("application.synchronous=unknown");
});

test("where the log cannot be opened, a commit makes it durable, and nothing has changed", async () => {
  const rig = await createRig();
  await rig.commit(...messages("a"));
  const { sync } = LogFile.prototype;
  onTestFinished(() => void (LogFile.prototype.sync = sync));
  LogFile.prototype.sync = () => Promise.resolve(false);
  const store = await rig.open();
  await store.read(EVERYTHING);
  const survey = await store.survey();
  const before = statSync(`${rig.path}-wal`).size;
  await store.makeDurable();
  expect(statSync(`${rig.path}-wal`).size).toBeGreaterThan(before);
  expect(await store.survey()).toEqual(survey);
});

test("a settle makes durable what was read before it, if it changes anything", async () => {
  const rig = await createRig();
  await rig.commit(...messages("a", "b", "c"));
  const store = await rig.open();
  const page = await store.read(EVERYTHING);
  const delivered = page.messages.slice(0, 1).map(({ seq }) => seq);
  const lease = await takeLease(store);
  const syncs = countSyncs();
  await settle(store, lease, { delivered });
  await store.makeDurable();
  expect(syncs).toEqual([]);
  await rig.commit(...messages("d"));
  await store.read(EVERYTHING);
  // It is recorded already, so that nothing is written.
  await settle(store, lease, { delivered });
  await store.makeDurable();
  expect(syncs).toEqual([true]);
});

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
