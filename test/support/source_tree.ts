/**
 * The files of the repository, as version control sees them.
 *
 * @module
 */

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** The root of the repository, with a slash at the end. */
export const root: URL = new URL("../../", import.meta.url);

/** Files by their path relative to the root. */
export type Tree = ReadonlyMap<string, string>;

/** Every text file that is tracked, or would be after `git add`. */
export function readTree(): Tree {
  const listed = execFileSync(
    "git",
    ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    { cwd: fileURLToPath(root), encoding: "utf8" },
  );
  const paths = listed.split("\0").filter((path) =>
    path !== "" && existsSync(new URL(path, root))
  );
  return new Map(paths.sort().map((path) => [path, read(path)]));
}

/** A tree made of samples. */
export function treeOf(files: Readonly<Record<string, string>>): Tree {
  return new Map(Object.entries(files));
}

/** The content of one file. */
export function read(path: string): string {
  return readFileSync(new URL(path, root), "utf8");
}
