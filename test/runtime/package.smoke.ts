import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createProject,
  type Ended,
  type Project,
  run,
} from "../support/project.ts";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.ts";
import { read, root } from "../support/source_tree.ts";

const manifest = JSON.parse(read("package.json"));
const tool = fileURLToPath(new URL(".ci/tool.mjs", root));
const { "./package.json": _itself, ...exports } = manifest.exports as Record<
  string,
  { readonly default: string }
>;
const entryPoints = Object.keys(exports)
  .map((subpath) => manifest.name + subpath.slice(1));
const entryFiles = Object.values(exports).map((it) => it.default.slice(2));
const sharedFiles = ["dist/bundle/core.js", "dist/bundle/sqlite.js"];

let project: Project;
let broker: Mosquitto;

beforeAll(async () => {
  [project, broker] = [createProject(), await startMosquitto()];
  const pack = ["pack", "--silent", "--pack-destination", project.path];
  succeed(await run(fileURLToPath(root), "npm", pack));
  const packed = readdirSync(project.path).find((name) =>
    name.endsWith(".tgz")
  )!;
  const peers = Object.keys(manifest.peerDependencies)
    .filter((name) => name in manifest.devDependencies)
    .map((name) => `${name}@${manifest.devDependencies[name]}`);
  succeed(await project.run("npm", "install", `./${packed}`, ...peers));
  project.write("consumer.mjs", read("test/runtime/consumer.mjs"));
  project.write("consuming.mjs", read("test/runtime/consuming.mjs"));
  project.write("entries.mjs", importing(entryPoints));
});

afterAll(async () => {
  await broker?.stop();
  project?.remove();
});

/** What Deno has to allow; the README says the same. */
function denoFlags(): string[] {
  return [
    "--allow-read=.",
    "--allow-env",
    "--allow-ffi",
    "--allow-sys=cpus,networkInterfaces,hostname",
    `--allow-net=127.0.0.1:${broker.port}`,
  ];
}

test("the package holds the bundle, the types of its modules, and nothing else", () => {
  const folder = join(project.path, "node_modules", manifest.name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((path) => path.slice(folder.length + 1));
  const strangers = files.filter((path) =>
    !/^dist\/(mod|(src|adapters)\/[\w/]+)\.d\.ts$/.test(path) &&
    !/^(package\.json|README\.md|LICENSE)$/.test(path)
  );
  expect(strangers.sort()).toEqual([...entryFiles, ...sharedFiles].sort());
  expect(files).toEqual(expect.arrayContaining(["README.md", "LICENSE"]));
});

test("the core comes without any package", () => {
  const own = [exports["."]!.default, exports["./testing"]!.default];
  const files = [...own, "dist/bundle/core.js"].map((path) =>
    readFileSync(
      join(project.path, "node_modules", manifest.name, path),
      "utf8",
    )
  );
  expect(files.join("")).not.toMatch(/from ["'](?![.])/);
});

test("the types of the core need no others, not even Node's", async () => {
  project.write("core.ts", 'export * from "@mailboat/outbox";');
  project.write("kit.ts", 'export * from "@mailboat/outbox/testing";');
  const tsc = fileURLToPath(new URL("node_modules/.bin/tsc", root));
  const lib = ["--lib", "ES2023,ESNext.Disposable,WebWorker", "--types", ""];
  const strict = ["--strict", "--noEmit", "--skipLibCheck", "false"];
  const flags = ["--module", "NodeNext", "--target", "ES2022"];
  const all = [...flags, ...strict, ...lib, "core.ts", "kit.ts"];
  expect(succeed(await project.run(tsc, ...all)).stdout).toBe("");
});

test("every entry point loads on Node", async () => {
  const ended = await project.run("node", "entries.mjs");
  expect(succeed(ended).stdout).toBe(`${entryPoints.length}\n`);
});

test("every entry point loads on Deno", async () => {
  const ended = await deno("entries.mjs");
  expect(succeed(ended).stdout).toBe(`${entryPoints.length}\n`);
});

test("every entry point loads on Bun", async () => {
  const ended = await bun("entries.mjs");
  expect(succeed(ended).stdout).toBe(`${entryPoints.length}\n`);
});

const arrived = {
  delivered: 1,
  topic: "meters/m-1",
  kwh: 4.2,
  isWhole: true,
  isSmall: true,
};

test("a message goes from a SQLite file to the broker on Node", async () => {
  const ended = await project.run("node", "consumer.mjs", broker.url);
  expect(JSON.parse(succeed(ended).stdout)).toMatchObject(arrived);
});

test("a message goes from a SQLite file to the broker on Deno", async () => {
  await project.run("rm", "-f", ...databaseFiles());
  const ended = await deno("consumer.mjs", broker.url);
  expect(JSON.parse(succeed(ended).stdout)).toMatchObject(arrived);
});

test("a message goes from a SQLite file to the broker on Bun", async () => {
  await project.run("rm", "-f", ...databaseFiles());
  const ended = await bun("consumer.mjs", broker.url);
  expect(JSON.parse(succeed(ended).stdout)).toMatchObject(arrived);
});

const consumed = {
  steps: ["asked a", "answered a"],
  handled: 2,
  failed: 0,
};

test.each([
  ["Node", (file: string, url: string) => project.run("node", file, url)],
  ["Deno", deno],
  ["Bun", bun],
])("a message is consumed, and answered, on %s", async (_, on) => {
  await project.run("rm", "-f", ...databaseFiles());
  const ended = await on("consuming.mjs", broker.url);
  expect(JSON.parse(succeed(ended).stdout)).toEqual(consumed);
});

function bun(...program: readonly string[]): Promise<Ended> {
  return project.run("node", tool, "bun", ...program);
}

function deno(...program: readonly string[]): Promise<Ended> {
  const flags = ["run", "--no-prompt", ...denoFlags()];
  return project.run("node", tool, "deno", ...flags, ...program);
}

function databaseFiles(): string[] {
  return readdirSync(project.path).filter((name) =>
    name.startsWith("smoke.db")
  );
}

function succeed(ended: Ended): Ended {
  expect(ended.status, ended.stdout + ended.stderr).toBe(0);
  return ended;
}

/** A program that imports modules and says how many have exports. */
function importing(names: readonly string[]): string {
  return `
const modules = await Promise.all(${
    JSON.stringify(names)
  }.map((name) => import(name)));
console.log(modules.filter((one) => Object.keys(one).length > 0).length);
`;
}
