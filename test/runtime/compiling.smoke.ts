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
/** The versions that the package is tested with, here and by the gate. */
const tested: Readonly<Record<string, string>> = {
  ...JSON.parse(read(".ci/package.json")).devDependencies,
  ...manifest.devDependencies,
};
const compilers = "test/runtime/compilers";
const versions: Readonly<Record<string, string>> =
  JSON.parse(read(`${compilers}/package.json`)).devDependencies;

/** The two ways in which a project may find modules. */
const resolutions: Readonly<Record<string, object>> = {
  nodenext: { module: "NodeNext", moduleResolution: "NodeNext" },
  bundler: { module: "ESNext", moduleResolution: "Bundler" },
};

const entries = Object.keys(manifest.exports)
  .filter((subpath) => subpath !== "./package.json")
  .map((subpath) => manifest.name + subpath.slice(1) as string);
/**
 * The declarations of drizzle-orm compile only where nobody looks into them:
 * they import drivers that are not there (`gel`, `mysql2`), and 33 of its
 * classes lack a property that they say they have (TS2515).
 */
const isOfDrizzle = (entry: string) => entry.includes("/drizzle");
const isDrizzles = /^(\.\.\/)?node_modules\/drizzle-orm\//;

const [consumer, drizzle] = ["consumer", "drizzle"].map((name) =>
  read(`test/runtime/compiling/${name}.ts`)
) as [string, string];

/** Prints the functions of each entry point that are no classes. */
const listing = `
const functions = await Promise.all(${
  JSON.stringify(entries)
}.map(async (entry) => [
  entry,
  Object.entries(await import(entry)).filter(([, value]) =>
    typeof value === "function" && !/^class\\b/.test(String(value))
  ).map(([name]) => name),
]));
console.log(JSON.stringify(Object.fromEntries(functions)));
`;

/** The functions of each entry point. */
let functions: Readonly<Record<string, readonly string[]>>;
let count = 0;
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
    .map((name) => `${name}@${tested[name]}`);
  await npm(project.path, "install", `./${packed}`, ...packages);
  project.write("listing.mjs", listing);
  functions = JSON.parse((await project.run("node", "listing.mjs")).stdout);
});

afterAll(() => project?.remove());

describe.concurrent.each(Object.entries(versions))("%s, %s", (compiler) => {
  test.each(Object.keys(resolutions))(
    "compiles every entry point, by %s",
    async (resolution) => {
      const programs = { ...entriesWhere((it) => !isOfDrizzle(it)), consumer };
      const options = { skipLibCheck: false, ...resolutions[resolution] };
      const { output } = await compile(compiler, programs, options);
      expect(output).toBe("");
    },
  );

  test.each(Object.keys(resolutions))(
    "compiles those over drizzle, by %s",
    async (resolution) => {
      const programs = { ...entriesWhere(isOfDrizzle), drizzle };
      const options = { skipLibCheck: true, ...resolutions[resolution] };
      const compiled = await compile(compiler, programs, options);
      expect(compiled).toEqual({ status: 0, output: "" });
    },
  );

  test("finds nothing wrong but with drizzle's own types when it looks", async () => {
    const programs = { ...entriesWhere(isOfDrizzle), drizzle };
    const options = { skipLibCheck: false, ...resolutions["nodenext"] };
    const { output } = await compile(compiler, programs, options);
    const wrong = [...output.matchAll(/^[^(\n]+(?=\(\d+,\d+\): error)/gm)];
    const files = new Set(wrong.map(([file]) => file));
    expect([...files].filter((file) => !isDrizzles.test(file))).toEqual([]);
    expect(files.size).toBeGreaterThan(0);
  });
});

test("finds what is wrong", async () => {
  const wrong = consumer.replaceAll("@ts-expect-error", "Refused:");
  const options = { skipLibCheck: false, ...resolutions["nodenext"] };
  const { output } = await compile("typescript-7", { wrong }, options);
  expect(output.match(/^wrong\.ts\(/gm)?.length, output).toBe(
    wrong.match(/Refused:/g)!.length,
  );
});

/**
 * A program for each of some entry points. It passes on everything, and calls
 * each function in one of its own, whose type is left to the compiler.
 */
function entriesWhere(
  isMeant: (entry: string) => boolean,
): Record<string, string> {
  const programs = entries.filter(isMeant).map((entry) => {
    const calls = functions[entry]!.map((name) =>
      `export const its_${name} = (...args: Parameters<typeof all.${name}>) => all.${name}(...args);`
    );
    const program = [
      `import * as all from "${entry}";`,
      `export * from "${entry}";`,
      ...calls,
    ];
    return [entry.replaceAll(/\W/g, "_"), program.join("\n")];
  });
  return Object.fromEntries(programs);
}

/** Compiles programs, declarations included. */
async function compile(
  compiler: string,
  programs: Readonly<Record<string, string>>,
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
  const folder = `compiled_${++count}`;
  for (const [name, code] of Object.entries(programs)) {
    project.write(`${folder}/${name}.ts`, code);
  }
  project.write(`${folder}/package.json`, '{ "type": "module" }');
  project.write(
    `${folder}/tsconfig.json`,
    JSON.stringify({ compilerOptions, include: ["*.ts"] }),
  );
  const tsc = join(compilers, "node_modules", compiler, "bin/tsc");
  const path = fileURLToPath(new URL(tsc, root));
  const args = ["-p", ".", "--pretty", "false"];
  const { status, stdout, stderr } = await run(
    join(project.path, folder),
    path,
    args,
  );
  return { status, output: stdout + stderr };
}

async function npm(cwd: string, ...args: readonly string[]): Promise<Ended> {
  const quiet = ["--silent", "--no-audit", "--no-fund", "--prefer-offline"];
  const ended = await run(cwd, "npm", [...args, ...quiet]);
  expect(ended.status, ended.stdout + ended.stderr).toBe(0);
  return ended;
}
