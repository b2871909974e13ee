/**
 * A storage whose users write in batches does what every storage does: here
 * libSQL, through its batches alone.
 */

import { createClient } from "@libsql/client";
import type { Storage } from "@mailboat/outbox";
import { type LibsqlStatement, libsqlStorage } from "@mailboat/outbox/libsql";
import {
  type BatchHarness,
  batchStorageConformance,
} from "@mailboat/outbox/testing";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "vitest";

const PATIENCE_MS = 120_000;

const create = () => harnessIn(temporaryFolder());
for (const { name, run } of batchStorageConformance({ create })) {
  test(name, run, PATIENCE_MS);
}

async function harnessIn(
  folder: string,
): Promise<BatchHarness<LibsqlStatement>> {
  const client = createClient({
    url: `file:${join(folder, "app.db")}`,
    timeout: 0,
  });
  await client.executeMultiple(
    "PRAGMA journal_mode=WAL; CREATE TABLE IF NOT EXISTS business (id TEXT UNIQUE)",
  );
  const close = () => {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return {
    storage: batchesOf(libsqlStorage(client)),
    plainHandle: client,
    batch: async (statements) => {
      await client.batch([...statements], "write");
    },
    rowStatement: (id) => ({
      sql: "INSERT INTO business (id) VALUES (?)",
      args: [id],
    }),
    rows: async () => {
      const { rows } = await client.execute("SELECT id FROM business");
      return rows.map((row) => String(row[0]));
    },
    restart: async () => {
      const left = temporaryFolder();
      // What is in the files is what a process that is killed leaves.
      for (const name of ["app.db", "app.db-wal"]) {
        const file = join(folder, name);
        if (existsSync(file)) copyFileSync(file, join(left, name));
      }
      close();
      return await harnessIn(left);
    },
    close: () => Promise.resolve(close()),
  };
}

function batchesOf<Statement>(
  storage: Storage<never, Statement>,
): Storage<never, Statement> {
  return storage;
}

function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "mailboat-conformance-"));
}
