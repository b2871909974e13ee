/**
 * drizzle-kit: the migration that it generates from the exported schema makes
 * the same tables as `migrate()`.
 */

import type { Client } from "@libsql/client";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { execFile } from "node:child_process";
import {
  copyFileSync,
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

/** Where the modules are: kits are large, and installed apart. */
interface Version {
  /** Those of the kit. */
  readonly kits: string;
  /** Those of `drizzle-orm`. */
  readonly modules: string;
  /** Whether it leaves NOT NULL off a key: only Mailboat writes there, and never null. */
  readonly looseKeys: boolean;
}

const versions: readonly [string, Version][] = [
  ["0.45", {
    kits: ".ci/node_modules",
    modules: "node_modules",
    looseKeys: false,
  }],
  ["1.0", {
    kits: "test/drizzle/node_modules",
    modules: "test/drizzle/node_modules",
    looseKeys: true,
  }],
];

const at = (path: string) =>
  fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** The SQL that drizzle-kit generates for a project that has our tables and its own. */
async function generated({ kits, modules }: Version): Promise<string> {
  const folder = temporaryFolder();
  symlinkSync(at(modules), join(folder, "node_modules"), "dir");
  // A copy, so that it finds the drizzle of the project.
  copyFileSync(at("adapters/drizzle_schema.ts"), join(folder, "mailboat.ts"));
  writeFileSync(
    join(folder, "schema.ts"),
    `import { sqliteTable, text } from "drizzle-orm/sqlite-core";
export * from "./mailboat";
export const readings = sqliteTable("readings", { meter: text("meter") });
`,
  );
  const config = { dialect: "sqlite", schema: "./schema.ts", out: "./out" };
  writeFileSync(
    join(folder, "drizzle.config.ts"),
    `export default ${JSON.stringify(config)};`,
  );
  const kit = at(`${kits}/drizzle-kit/bin.cjs`);
  const args = [kit, "generate", "--config=drizzle.config.ts"];
  await promisify(execFile)(process.execPath, args, {
    cwd: folder,
    timeout: 60_000,
  });
  return readdirSync(join(folder, "out"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".sql"))
    .map((name) => readFileSync(join(folder, "out", name), "utf8"))
    .join("\n");
}

const run = async (client: Client, sql: string) =>
  (await client.execute(sql)).rows.map((row) => ({ ...row }));

/** Everything that SQLite tells about the tables of the outbox. */
async function anatomy(
  client: Client,
  { looseKeys }: Version,
): Promise<Record<string, unknown>> {
  const column = (told: Record<string, unknown>) =>
    looseKeys && told["pk"] === 1 ? { ...told, notnull: "any" } : told;
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
      columns: (await run(client, `PRAGMA table_xinfo(${name})`)).map(column),
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

test.each(versions)(
  "the tables of drizzle-kit for drizzle %s are those of migrate(), and are adopted by it",
  async (_, version) => {
    const isThere = existsSync(at(`${version.kits}/drizzle-kit`));
    if (!isThere && !process.env["CI"]) {
      console.warn(`SKIPPED: ${version.kits} has no drizzle-kit`);
      return;
    }
    const { client: ours } = await createRig();
    const path = join(temporaryFolder(), "app.db");
    const theirs = await openClient(path);
    await theirs.executeMultiple(await generated(version));

    const expected = await anatomy(ours, version);
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
    expect(await anatomy(theirs, version)).toEqual(expected);
    expect(await predicate(theirs)).toBe(await predicate(ours));
    expect(await predicate(theirs)).toBe("chosen_id = 1");

    await expect(libsqlStorage(theirs).open()).rejects
      .toMatchObject({ code: "STORAGE_NOT_MIGRATED" });
    const rig = await createRig(undefined, { client: theirs, path });
    expect(await anatomy(theirs, version)).toEqual(expected);
    const chosen = message({ id: "a", chosenId: true, counted: true });
    expect(await rig.commit(chosen)).toEqual([true]);
    expect(await rig.commit(chosen)).toEqual([false]);
    const { messages } = await (await rig.open()).read(everything);
    expect(messages.map(({ id, position }) => [id, position]))
      .toEqual([["a", 1]]);
  },
);
