/**
 * A process with two copies of better-sqlite3, as two installations make it.
 * What each copy locks is not locked for the other: the one that closes the
 * file deletes the log that the other goes on writing, and its commits are lost.
 */

import {
  type BetterSqlite3Database,
  betterSqlite3Storage,
} from "@mailboat/outbox/better-sqlite3";
import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Database, isDriver, loadDriver } from "./driver.ts";

type Class = new (path: string) => Database & BetterSqlite3Database;

const driver = await loadDriver("better-sqlite3");
const installed = fileURLToPath(
  new URL("../../.ci/node_modules/better-sqlite3", import.meta.url),
);

let folder: string;
let Second: Class;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "mailboat-second-"));
  const copy = join(folder, "better-sqlite3");
  cpSync(installed, copy, {
    recursive: true,
    // It is large: prebuilt for every platform, and the sources of SQLite.
    filter: (path) =>
      !path.endsWith(".node")
        ? !/\/(?:deps|src)$/.test(path)
        : path.includes(process.platform),
  });
  const module = pathToFileURL(join(copy, "lib/index.js")).href;
  ({ default: Second } = await import(module) as { default: Class });
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A file with an outbox that has been migrated, and whether its log is there. */
async function logAfter(Opened: Class, name: string): Promise<boolean> {
  const path = join(folder, name);
  const db = new Opened(path);
  try {
    db.exec("PRAGMA journal_mode=WAL; CREATE TABLE business (id TEXT)");
    const storage = betterSqlite3Storage(db);
    await storage.migrate();
    storage.transaction((tx) => tx.exec("INSERT INTO business VALUES ('a')"));
    return existsSync(`${path}-wal`);
  } finally {
    db.close();
  }
}

describe.skipIf(!isDriver(driver))("a database of the second copy", () => {
  test("keeps its log when the storage closes a connection", async () => {
    expect(await logAfter(Second, "app.db")).toBe(true);
  });

  test("may be of a class that extends the driver's", async () => {
    let made = 0;
    class Extended extends Second {
      constructor(path: string) {
        super(path);
        made++;
      }
      override pragma(): never {
        throw new Error("It is for its owner");
      }
    }
    expect(await logAfter(Extended, "extended.db")).toBe(true);
    expect(made).toBe(1);
  });
});
