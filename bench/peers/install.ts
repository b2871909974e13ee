/**
 * Installs what the scenario needs, from its own manifest, into `dist`.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The part of a manifest that matters. */
export interface Manifest {
  readonly dependencies: Readonly<Record<string, string>>;
}

/** Beside the compiled files, which import what is installed. */
const FOLDER = fileURLToPath(new URL("./", import.meta.url));
/** Some compile a database. */
const LIMIT_MS = 600_000;

/** The first line in which npm says more than numbers and paths. */
const REASON = /npm error (?!(?:code|errno|syscall|path|command|signal) )(.*)/;

/** What happened. */
export type Installation =
  | { readonly kind: "installed" }
  | { readonly kind: "missing"; readonly reason: string };

/** Where it is installed, and from what. */
export interface InstallOptions {
  readonly manifest?: Manifest;
  readonly folder?: string;
  /** Whether nothing may be fetched: it is there or it is not. */
  readonly offline: boolean;
}

/** The manifest in the repository. */
export function readManifest(): Manifest {
  const file = new URL("../../../bench/peers/package.json", import.meta.url);
  return JSON.parse(readFileSync(file, "utf8")) as Manifest;
}

/**
 * Installs some packages, beside those that are there. When that fails, they
 * stay as they were.
 */
export function install(
  packages: readonly string[],
  { manifest = readManifest(), folder = FOLDER, offline }: InstallOptions,
): Installation {
  const kept = dependenciesIn(folder);
  const wanted = Object.fromEntries(
    packages.map((name) => [name, manifest.dependencies[name] ?? "*"]),
  );
  const missing = packages.filter((name) =>
    versionIn(folder, name) !== wanted[name]
  );
  if (missing.length === 0) return { kind: "installed" };
  if (offline) {
    const reason = `${missing.join(", ")} not installed yet`;
    return { kind: "missing", reason };
  }
  mkdirSync(folder, { recursive: true });
  const write = (dependencies: Manifest["dependencies"]) =>
    writeFileSync(
      join(folder, "package.json"),
      JSON.stringify({ ...manifest, dependencies }, null, 2),
    );
  write({ ...kept, ...wanted });
  const { status, stderr, error } = spawnSync(
    "npm",
    ["install", "--no-audit", "--no-fund", "--no-package-lock"],
    { cwd: folder, encoding: "utf8", timeout: LIMIT_MS },
  );
  if (status === 0) return { kind: "installed" };
  write(kept);
  const said = REASON.exec(stderr)?.[1];
  const reason = error?.message ?? said ?? `npm ended with status ${status}`;
  return { kind: "missing", reason };
}

function dependenciesIn(folder: string): Manifest["dependencies"] {
  return manifestAt(join(folder, "package.json"))?.dependencies ?? {};
}

function versionIn(folder: string, name: string): string | undefined {
  return manifestAt(join(folder, "node_modules", name, "package.json"))
    ?.version;
}

function manifestAt(
  file: string,
): (Manifest & { readonly version: string }) | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return undefined;
  }
}
