/**
 * Installing: the runtimes from their manifests, and the package from its
 * tarball into an empty project.
 *
 * @module
 */

import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  symlinkSync,
} from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { createProject, type Project, run } from "../support/project.ts";
import { blocksOf } from "../support/snippets.ts";
import { entries, type EntryName, type Installed } from "./entries.ts";

/** Where npm starts a script, whether this is a source or what became of it. */
const repository = process.cwd();
/** Nothing is told but what went wrong. */
const quiet = [
  "--loglevel=error",
  "--no-audit",
  "--no-fund",
  "--prefer-offline",
];
/** Gigabytes, over whatever network there is. */
const LIMIT_MS = 900_000;

/** A program is not to be had here; the message says why, in one line. */
export class NotInstalled extends Error {
  override readonly name = "NotInstalled";
}

/** What is being installed, by its folder: rows that share one wait for each other. */
const installing = new Map<string, Promise<void>>();

/**
 * The path of a program; installs what its manifest lists when it is missing.
 *
 * @throws {NotInstalled} where that does not help.
 */
export async function programOf(
  { home, program }: Installed,
): Promise<string> {
  const path = join(repository, home, "node_modules", program);
  if (existsSync(path)) return path;
  let installed = installing.get(home);
  if (installed === undefined) {
    const args = ["ci", "--prefix", home, ...quiet];
    installed = succeed(repository, "npm", args);
    installing.set(home, installed);
  }
  try {
    await installed;
  } catch (cause) {
    throw new NotInstalled((cause as Error).message, { cause });
  }
  if (existsSync(path)) return path;
  throw new NotInstalled(`${home} installs no ${program} on this machine`);
}

/** Packs the package as it would be published; returns the path of the tarball. */
export async function packedInto(folder: string): Promise<string> {
  // It is built already; building removes what the run consists of.
  const args = ["pack", "--silent", "--ignore-scripts"];
  const to = ["--pack-destination", folder];
  await succeed(repository, "npm", [...args, ...to]);
  const name = readdirSync(folder).find((file) => file.endsWith(".tgz"));
  return join(folder, name!);
}

/** Makes an empty project, and installs the tarball and what entries need beside it. */
export async function projectWith(
  tarball: string,
  names: readonly EntryName[],
): Promise<Project> {
  const project = createProject();
  const packages = new Set(names.flatMap((name) => entries[name].packages));
  const versions = [...packages].map((name) => `${name}@${versionOf(name)}`);
  const args = ["install", ...quiet, tarball, ...versions];
  await succeed(project.path, "npm", args);
  return project;
}

/** Puts the programs of the matrix into a project. */
export function addPrograms(project: Project): void {
  for (const folder of ["runtime", "edge", "conformance", "support"]) {
    const built = join(repository, "dist/test", folder);
    cpSync(built, join(project.path, "test", folder), { recursive: true });
  }
  // What they take from within is no module of its own in what was installed.
  for (const folder of ["src", "adapters"]) {
    const built = join(repository, "dist", folder);
    symlinkSync(built, join(project.path, folder), "dir");
  }
  // A server that cases start is looked for where the repository has it.
  symlinkSync(join(repository, ".ci"), join(project.path, ".ci"), "dir");
  // Plain JavaScript, which the compiler does not copy.
  const memory = read("test/runtime/conformance.mjs");
  project.write("test/runtime/cases/memory.js", memory);
  project.write("test/runtime/quickstart.mjs", quickstartOf(read("README.md")));
}

function read(path: string): string {
  return readFileSync(join(repository, path), "utf8");
}

/** The exact version that this repository tests with. */
function versionOf(name: string): string {
  const manifests = ["package.json", "test/runtime/package.json"].map((path) =>
    JSON.parse(read(path)) as { devDependencies: Record<string, string> }
  );
  const version = manifests.map((it) => it.devDependencies[name]).find(Boolean);
  if (version === undefined) throw new Error(`No manifest lists ${name}`);
  return version;
}

function quickstartOf(readme: string): string {
  const block = blocksOf(readme).find(({ language, words }) =>
    language === "ts" && words.includes("quickstart")
  );
  if (block === undefined) throw new Error("The README has no quickstart");
  return block.code;
}

async function succeed(
  cwd: string,
  command: string,
  args: readonly string[],
): Promise<void> {
  const { status, stdout, stderr } = await run(cwd, command, args, LIMIT_MS);
  if (status === 0) return;
  const said = (stderr + stdout).trim().split("\n").at(-1);
  const what = [command, ...args].join(" ");
  throw new Error(`${what} ended with ${status}: ${said}`);
}
