/**
 * drizzle-kit: the migration that it generates from the exported schema makes
 * the same tables as `migrate()`.
 */

import type { Client } from "@libsql/client";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { execFile } from "node:child_process";
import {
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import {
  createRig,
  everything,
  message,
  openClient,
  temporaryFolder,
} from "./rig.ts";

/** It is large, and one test needs it: it is installed with the gate's tools. */
const kit = fileURLToPath(
  new URL("../../.ci/node_modules/drizzle-kit/bin.cjs", import.meta.url),
);
const withoutKit = !existsSync(kit) && !process.env["CI"];

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** The SQL that drizzle-kit generates for a project that has our tables and its own. */
async function generated(): Promise<string> {
  const folder = temporaryFolder();
  symlinkSync(here("../../node_modules"), join(folder, "node_modules"), "dir");
  writeFileSync(
    join(folder, "schema.ts"),
    `import { sqliteTable, text } from "drizzle-orm/sqlite-core";
export * from ${JSON.stringify(here("../../adapters/drizzle_schema.ts"))};
export const readings = sqliteTable("readings", { meter: text("meter") });
`,
  );
  writeFileSync(
    join(folder, "drizzle.config.json"),
    JSON.stringify({ dialect: "sqlite", schema: "./schema.ts", out: "./out" }),
  );
  const args = [kit, "generate", "--config=drizzle.config.json"];
  await promisify(execFile)(process.execPath, args, {
    cwd: folder,
    timeout: 60_000,
  });
  return readdirSync(join(folder, "out"))
    .filter((name) => name.endsWith(".sql"))
    .map((name) => readFileSync(join(folder, "out", name), "utf8"))
    .join("\n");
}

const run = async (client: Client, sql: string) =>
  (await client.execute(sql)).rows.map((row) => ({ ...row }));

/** Everything that SQLite tells about the tables of the outbox. */
async function anatomy(client: Client): Promise<Record<string, unknown>> {
  const names = (await run(
    client,
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE 'mailboat%' ORDER BY name",
  )).map(({ name }) => String(name));
  const tables = await Promise.all(names.map(async (name) => {
    const indexes = await run(client, `PRAGMA index_list(${name})`);
    const columns = indexes.map((index) =>
      run(client, `PRAGMA index_xinfo(${String(index["name"])})`)
    );
    return [name, {
      kind: await run(client, `PRAGMA table_list(${name})`),
      columns: await run(client, `PRAGMA table_xinfo(${name})`),
      indexes: indexes.map(({ name, unique, origin, partial }) => ({
        name,
        unique,
        origin,
        partial,
      })),
      indexed: await Promise.all(columns),
    }];
  }));
  return Object.fromEntries(tables);
}

/** The condition of the partial index. */
async function predicate(client: Client): Promise<string> {
  const [row] = await run(
    client,
    "SELECT sql FROM sqlite_schema WHERE name = 'mailboat_message_chosen_id'",
  );
  return String(row?.["sql"]).replace(/^.*\bWHERE\b/s, "").trim();
}

test("drizzle-kit's tables are those of migrate(), and are adopted by it", async (context) => {
  if (withoutKit) context.skip("npm ci --prefix .ci installs drizzle-kit");
  const { client: ours } = await createRig();
  const path = join(temporaryFolder(), "app.db");
  const theirs = await openClient(path);
  await theirs.executeMultiple(await generated());

  const expected = await anatomy(ours);
  expect(Object.keys(expected)).toEqual([
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
  ]);
  expect(await anatomy(theirs)).toEqual(expected);
  expect(await predicate(theirs)).toBe(await predicate(ours));
  expect(await predicate(theirs)).toBe("chosen_id = 1");

  await expect(libsqlStorage(theirs).open()).rejects
    .toMatchObject({ code: "STORAGE_NOT_MIGRATED" });
  const rig = await createRig(undefined, { client: theirs, path });
  expect(await anatomy(theirs)).toEqual(expected);
  const chosen = message({ id: "a", chosenId: true, counted: true });
  expect(await rig.commit(chosen)).toEqual([true]);
  expect(await rig.commit(chosen)).toEqual([false]);
  const { messages } = await (await rig.open()).read(everything);
  expect(messages.map(({ id, position }) => [id, position]))
    .toEqual([["a", 1]]);
});
