/**
 * A project without the package that an adapter needs: the error names it, and
 * says how it is had.
 */

import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createProject, type Project } from "../support/project.ts";
import { read, root } from "../support/source_tree.ts";

let project: Project;

/** The built package, and nothing beside it. */
beforeAll(() => {
  project = createProject();
  project.write(
    "node_modules/@mailboat/outbox/package.json",
    read("package.json"),
  );
  cpSync(
    fileURLToPath(new URL("dist/bundle", root)),
    join(project.path, "node_modules/@mailboat/outbox/dist/bundle"),
    { recursive: true },
  );
});

afterAll(() => project.remove());

/** What a program throws. */
async function thrownBy(program: string): Promise<unknown> {
  project.write(
    "program.mjs",
    `const { ...core } = await import("@mailboat/outbox");
     try {
       ${program}
     } catch ({ name, code, message, advice }) {
       console.log(JSON.stringify({ name, code, message, advice }));
     }`,
  );
  const { stdout, stderr } = await project.run(process.execPath, "program.mjs");
  expect(stderr).toBe("");
  return JSON.parse(stdout);
}

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
const hasNodeSqlite = major > 22 || (major === 22 && minor >= 13);

const storages = [
  {
    entry: "libsql",
    create: "libsqlStorage",
    says:
      /as @libsql\/client must be installed \(npm install @libsql\/client\)/,
  },
  {
    entry: "better-sqlite3",
    create: "betterSqlite3Storage",
    says: /as better-sqlite3 must be installed \(npm install better-sqlite3\)/,
  },
  {
    entry: "bun-sqlite",
    create: "bunSqliteStorage",
    says: /as bun:sqlite must be installed \(it is part of Bun\)/,
  },
  {
    entry: "node-sqlite",
    create: "nodeSqliteStorage",
    says: /as node:sqlite must be installed \(it is part of Node from 22\.16/,
  },
].filter(({ entry }) => entry !== "node-sqlite" || !hasNodeSqlite);

test.each(storages)(
  "$entry: the driver that is missing is named",
  async ({ entry, create, says }) => {
    expect(
      await thrownBy(`
        const { ${create} } = await import("@mailboat/outbox/${entry}");
        await ${create}("app.db").migrate();
      `),
    ).toEqual({
      name: "MailboatError",
      code: "DEPENDENCY_MISSING",
      message: expect.stringMatching(says),
    });
  },
);

test("a relay does not wait for a driver to appear", async () => {
  project.write("app.db", "");
  expect(
    await thrownBy(`
      const { libsqlStorage } = await import("@mailboat/outbox/libsql");
      const { createMemoryTransport } =
        await import("@mailboat/outbox/testing");
      const clock = core.systemClock();
      const transport = createMemoryTransport({ clock });
      const storage = libsqlStorage("app.db");
      await core.createRelay({ storage, transport }).run();
    `),
  ).toMatchObject({ code: "DEPENDENCY_MISSING" });
});

test("transactions name the driver that is missing, too", async () => {
  expect(
    await thrownBy(`
      const { betterSqlite3Transactions } =
        await import("@mailboat/outbox/better-sqlite3");
      await betterSqlite3Transactions("app.db").transaction(() => {});
    `),
  ).toMatchObject({ code: "DEPENDENCY_MISSING" });
});

test("mqtt that is missing is named, as something for people", async () => {
  expect(
    await thrownBy(`
      const { mqttTransport } = await import("@mailboat/outbox/mqtt");
      await mqttTransport("mqtt://127.0.0.1:1").connect({
        identity: "outbox",
        signal: new AbortController().signal,
      });
    `),
  ).toEqual({
    name: "TransportError",
    code: "DEPENDENCY_MISSING",
    message: expect.stringMatching(
      /^Cannot connect to the broker as mqtt must be installed \(npm install mqtt\)/,
    ),
    advice: "config",
  });
});
