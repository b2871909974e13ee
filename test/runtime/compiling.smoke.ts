/**
 * The types of the packed package, as its users' compilers read them.
 */

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  createProject,
  type Ended,
  type Project,
  run,
} from "../support/project.ts";
import { read, root } from "../support/source_tree.ts";

const manifest = JSON.parse(read("package.json"));
const compilers = "test/runtime/compilers";
const versions: Readonly<Record<string, string>> =
  JSON.parse(read(`${compilers}/package.json`)).devDependencies;

/** The two ways in which a project may find modules. */
const resolutions = {
  nodenext: { module: "NodeNext", moduleResolution: "NodeNext" },
  bundler: { module: "ESNext", moduleResolution: "Bundler" },
} as const;

const entries = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== "./package.json")
  .map((subpath) => manifest.name + subpath.slice(1) as string);
/** The declarations of drizzle itself compile only where nobody looks. */
const isOfDrizzle = (entry: string) => entry.includes("/drizzle");

const looked = { skipLibCheck: false };
const unlooked = { skipLibCheck: true };

let project: Project;

beforeAll(async () => {
  project = createProject();
  if (!existsSync(new URL(`${compilers}/node_modules`, root))) {
    await npm(fileURLToPath(root), "ci", "--prefix", compilers);
  }
  await npm(fileURLToPath(root), "pack", "--pack-destination", project.path);
  const packed = readdirSync(project.path).find((name) =>
    name.endsWith(".tgz")
  )!;
  const peers = Object.keys(manifest.peerDependencies);
  const packages = ["@types/node", "valibot", ...peers]
    .map((name) => `${name}@${manifest.devDependencies[name]}`);
  await npm(project.path, "install", `./${packed}`, ...packages);
});

afterAll(() => project?.remove());

describe.each(Object.entries(versions))("%s, %s", (compiler) => {
  describe.each(Object.entries(resolutions))("as %s", (_, resolution) => {
    test("compiles a use of every entry point, and looks into all types", async () => {
      const files = programs(entries.filter((name) => !isOfDrizzle(name)));
      const compiled = await compile(compiler, files, {
        ...resolution,
        ...looked,
      });
      expect(compiled).toEqual({ status: 0, output: "" });
    });

    test("compiles a use of the entry points over drizzle", async () => {
      const files = programs(entries.filter(isOfDrizzle));
      const compiled = await compile(compiler, files, {
        ...resolution,
        ...unlooked,
      });
      expect(compiled).toEqual({ status: 0, output: "" });
    });

    test("refuses what is no use of them", async () => {
      const wrong = consumer("consumer")
        .replaceAll("@ts-expect-error", "Refused:");
      const { status, output } = await compile(compiler, { wrong }, {
        ...resolution,
        ...looked,
      });
      expect(status).not.toBe(0);
      expect(output.match(/^wrong\.ts\(/gm)?.length, output).toBe(
        wrong.match(/Refused:/g)!.length,
      );
    });
  });
});

/** Programs by their names: one that re-exports each entry, and one that uses some. */
function programs(names: readonly string[]): Record<string, string> {
  const all = names.map((name, at) => [
    `entry_${at}`,
    `import * as entry from "${name}";\n` +
    `export * from "${name}";\nexport const names = Object.keys(entry);\n`,
  ]);
  const used = names.every(isOfDrizzle) ? "drizzle" : "consumer";
  return Object.fromEntries([...all, [used, consumer(used)]]);
}

/** What somebody writes who uses the package. */
function consumer(name: string): string {
  return read(`test/runtime/compiling/${name}.ts`);
}

/** Compiles programs, declarations included. */
async function compile(
  compiler: string,
  files: Readonly<Record<string, string>>,
  options: object,
): Promise<{ status: number | null; output: string }> {
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2022", "ESNext.Disposable"],
    types: ["node"],
    strict: true,
    exactOptionalPropertyTypes: true,
    declaration: true,
    outDir: "out",
    ...options,
  };
  for (const [name, code] of Object.entries(files)) {
    project.write(`${name}.ts`, code);
  }
  const names = Object.keys(files).map((name) => `${name}.ts`);
  const config = JSON.stringify({ compilerOptions, files: names });
  project.write("tsconfig.json", config);
  const tsc = join(compilers, "node_modules", compiler, "bin/tsc");
  const path = fileURLToPath(new URL(tsc, root));
  const args = ["-p", ".", "--pretty", "false"];
  const { status, stdout, stderr } = await project.run(path, ...args);
  return { status, output: stdout + stderr };
}

async function npm(cwd: string, ...args: readonly string[]): Promise<Ended> {
  const quiet = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
  const ended = await run(cwd, "npm", [...args, ...quiet]);
  expect(ended.status, ended.stdout + ended.stderr).toBe(0);
  return ended;
}
