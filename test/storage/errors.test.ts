/**
 * Errors of drivers: what they mean is found along the chain of causes.
 */

import { InputError, StorageError } from "@mailboat/outbox";
import { DrizzleQueryError } from "drizzle-orm";
import { inspect } from "node:util";
import { expect, test } from "vitest";
import { acting, storageError } from "../../adapters/sqlite/errors.ts";
import { createRig, message } from "./rig.ts";

const driverError = (code: string, extendedCode = "", message = "m") =>
  Object.assign(new Error(message), { code, extendedCode });

/** An error of `node:sqlite`: with a number, but for `exec` on Deno. */
const nodeError = (errcode: number | undefined, message: string) =>
  Object.assign(new Error(message), {
    code: "ERR_SQLITE_ERROR",
    ...(errcode !== undefined && { errcode }),
  });

test.each([
  [driverError("SQLITE_BUSY"), "STORAGE_BUSY"],
  [driverError("SQLITE_BUSY_SNAPSHOT"), "STORAGE_BUSY"],
  [driverError("SQLITE_UNKNOWN", "SQLITE_BUSY_RECOVERY"), "STORAGE_BUSY"],
  [driverError("SQLITE_LOCKED"), "STORAGE_BUSY"],
  [driverError("SQLITE_FULL"), "STORAGE_FULL"],
  [driverError("SQLITE_READONLY_DBMOVED"), "STORAGE_READ_ONLY"],
  [
    driverError("SQLITE_ERROR", "", "no such table: mailboat_message"),
    "STORAGE_NOT_MIGRATED",
  ],
  [nodeError(5, "database is locked"), "STORAGE_BUSY"],
  [nodeError(517, "database is locked"), "STORAGE_BUSY"],
  [nodeError(undefined, "database is locked"), "STORAGE_BUSY"],
  [nodeError(undefined, "database table is locked: t"), "STORAGE_BUSY"],
  [nodeError(undefined, "database or disk is full"), "STORAGE_FULL"],
  [
    nodeError(undefined, "attempt to write a readonly database"),
    "STORAGE_READ_ONLY",
  ],
  [nodeError(1, 'near "database is locked"'), "STORAGE_FAILED"],
  [nodeError(undefined, "no such table: a"), "STORAGE_NOT_MIGRATED"],
  [driverError("TRANSACTION_CLOSED"), "TRANSACTION_FINISHED"],
  [driverError("SQLITE_IOERR", "", "disk I/O error"), "STORAGE_FAILED"],
  [driverError("SQLITE_CORRUPT"), "STORAGE_FAILED"],
  [new TypeError("fetch failed"), "STORAGE_FAILED"],
])("%s means %s, however it is wrapped", (thrown, code) => {
  const params = ["no such table", "secret"];
  const wrapped = new DrizzleQueryError("insert", params, thrown as Error);
  const twice = new Error("outer", { cause: wrapped });
  for (const error of [thrown, wrapped, twice]) {
    const meaning = storageError("settle", error);
    expect(meaning.code).toBe(code);
    expect(meaning.message).toMatch(/^Cannot settle as .+: current value is /);
    expect(meaning.cause).toBe(thrown);
    expect(inspect(meaning, { depth: 8 })).not.toContain("secret");
    const kind = code === "TRANSACTION_FINISHED" ? InputError : StorageError;
    expect(meaning).toBeInstanceOf(kind);
  }
});

test.each(["a string", undefined])(
  "%j that is thrown is a failure",
  (thrown) => {
    expect(storageError("settle", thrown)).toMatchObject({
      code: "STORAGE_FAILED",
      message: expect.stringContaining(String(thrown)),
    });
  },
);

test("an error of Mailboat's own passes as it is", async () => {
  const error = new StorageError("STORAGE_NEWER", "newer");
  await expect(acting("settle", () => Promise.reject(error))).rejects
    .toBe(error);
});

test("a chain of causes that never ends is cut", () => {
  const error = new Error("round and round");
  error.cause = error;
  expect(storageError("settle", error).code).toBe("STORAGE_FAILED");
});

test("a database that is full says so, to the writer and to the store", async () => {
  const rig = await createRig();
  const store = await rig.open();
  const [pages] = await rig.column("PRAGMA page_count");
  await rig.client.execute(`PRAGMA max_page_count = ${Number(pages)}`);
  // The smaller one is stored by a script, the larger one is not.
  for (const bytes of [20_000, 100_000]) {
    const large = message({ payload: new Uint8Array(bytes) });
    await expect(rig.commit(large)).rejects
      .toMatchObject({ name: "StorageError", code: "STORAGE_FULL" });
  }
  expect(await store.survey()).toMatchObject({ newestSeq: 0 });
});

test("tables that go away are missed by name", async () => {
  const rig = await createRig();
  const store = await rig.open();
  await rig.client.execute("DROP TABLE mailboat_failure");
  await expect(store.failures({ after: 0, limit: 1 })).rejects.toMatchObject({
    code: "STORAGE_NOT_MIGRATED",
    message: expect.stringMatching(/mailboat_failure/),
  });
});
