/**
 * The packed package over drizzle: in both of its versions, over each driver
 * that those have, in a runtime that has the driver.
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { isTyped, typedProgram } from "../drizzle/typed_program.ts";
import {
  createProject,
  type Ended,
  type Project,
  run,
} from "../support/project.ts";
import { read, root } from "../support/source_tree.ts";

const repository = fileURLToPath(root);
const tool = join(repository, ".ci/tool.mjs");
/** Its manifest lists both versions, by other names. */
const home = "test/drizzle";
const installed = join(repository, home, "node_modules");
const versions: Readonly<Record<string, string>> =
  JSON.parse(read(`${home}/package.json`)).devDependencies;

/** What a version is called there, and the drivers that it has: 0.45, then 1.0. */
const majors = {
  "drizzle-orm-0": ["libsql", "better-sqlite3", "bun-sqlite"],
  "drizzle-orm": ["libsql", "better-sqlite3", "bun-sqlite", "node-sqlite"],
} as const;

/** Bun has every driver, and runs TypeScript as it is. */
const bun = ["node", tool, "bun"] as const;
const PATIENCE_MS = 600_000;

let tarball: Project;

beforeAll(async () => {
  tarball = createProject();
  const quiet = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
  if (!existsSync(installed)) {
    succeed(await run(repository, "npm", ["ci", "--prefix", home, ...quiet]));
  }
  const to = ["--pack-destination", tarball.path];
  succeed(await run(repository, "npm", ["pack", "--silent", ...to]));
  const packed = readdirSync(tarball.path).find((name) =>
    name.endsWith(".tgz")
  );
  succeed(await tarball.run("npm", "install", `./${packed}`, ...quiet));
});

afterAll(() => tarball?.remove());

describe.each<[string, readonly string[]]>(Object.entries(majors))(
  "%s",
  (major, drivers) => {
    let project: Project;

    beforeAll(() => {
      project = projectWith(major);
    });

    afterAll(() => project?.remove());

    test("is the version that the manifest lists", () => {
      const path = join(project.path, "node_modules/drizzle-orm/package.json");
      const { version } = JSON.parse(readFileSync(path, "utf8"));
      expect(versions[major]?.replace(/.*@/, "")).toBe(version);
    });

    test("takes the types of its drivers that answer at once", async () => {
      const programs = drivers.filter(isTyped).map((driver) => {
        const file = `typed/${driver}.ts`;
        project.write(file, typedProgram(driver));
        return file;
      });
      const tsc = join(repository, "node_modules/.bin/tsc");
      const types = ["--types", "bun-types", "--skipLibCheck"];
      const strict = ["--strict", "--exactOptionalPropertyTypes", "--noEmit"];
      const flags = ["--module", "NodeNext", "--target", "ES2022"];
      const all = [...flags, ...strict, ...types, ...programs];
      const { status, stdout } = await project.run(tsc, ...all);
      expect(stdout).toBe("");
      expect(status).toBe(0);
    });

    test.each(drivers)("the cases of %s", async (driver) => {
      const [command, ...args] = bun;
      const program = [...args, "test/drizzle/program.ts", driver];
      const limit = PATIENCE_MS;
      const ended = await run(project.path, command, program, limit);
      const lines = succeed(ended).stdout.trim().split("\n")
        .map((line) =>
          JSON.parse(line) as { name: string; error: string | null }
        );
      expect(lines.filter(({ error }) => error !== null)).toEqual([]);
      expect(lines.length).toBeGreaterThan(150);
    }, PATIENCE_MS);
  },
);

/** A project that has the package, and one version of drizzle by its own name. */
function projectWith(major: string): Project {
  const project = createProject();
  const modules = join(project.path, "node_modules");
  mkdirSync(modules);
  const own = join(tarball.path, "node_modules/@mailboat");
  cpSync(own, join(modules, "@mailboat"), { recursive: true });
  for (const name of readdirSync(installed)) {
    if (name.startsWith(".") || name.startsWith("drizzle-orm")) continue;
    symlinkSync(join(installed, name), join(modules, name), "dir");
  }
  symlinkSync(join(installed, major), join(modules, "drizzle-orm"), "dir");
  for (const folder of ["drizzle", "conformance", "support"]) {
    const to = join(project.path, "test", folder);
    mkdirSync(to, { recursive: true });
    for (const name of readdirSync(join(repository, "test", folder))) {
      if (!name.endsWith(".ts") || name.endsWith(".test.ts")) continue;
      cpSync(join(repository, "test", folder, name), join(to, name));
    }
  }
  return project;
}

function succeed(ended: Ended): Ended {
  expect(ended.status, ended.stdout + ended.stderr).toBe(0);
  return ended;
}
