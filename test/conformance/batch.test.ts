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
import { join } from "node:path";
import { test } from "vitest";
import {
  leftBehind,
  removeFolder,
  temporaryFolder,
} from "./database_folder.ts";
import { businessRows } from "./sqlite_harness.ts";

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
    removeFolder(folder);
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
    rows: () => businessRows(client),
    restart: async () => {
      const left = leftBehind(folder);
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
