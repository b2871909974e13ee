/**
 * A copy of the sources and tests in a folder of its own, to be broken.
 *
 * @module
 */

import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { mutated, type Mutation } from "./mutant.ts";

/** What the tests of the sources need. */
const PARTS = [
  "adapters",
  "deno.json",
  "mod.ts",
  "package.json",
  "src",
  "test",
  "tsconfig.json",
];

/**
 * Some tests run servers that are installed with the gate's tools, or programs of
 * their own, which are what was built: not broken. What is installed is large.
 */
const LINKED = [
  "node_modules",
  ".ci/node_modules",
  "test/drizzle/node_modules",
  "dist",
];

/** A copy of the tree. */
export interface Copy {
  /** Its root. */
  readonly root: string;
  /** Where what runs in it keeps its temporary files. */
  readonly scratch: string;
  /** Deletes it, and what was left in its scratch folder. */
  remove(): void;
}

/** Copies the tree at `root` into a new folder under `parent`, with one change at the most. */
export function createCopy(
  root: string,
  parent: string,
  mutation: Mutation | null,
): Copy {
  const copy = mkdtempSync(join(parent, "copy-"));
  for (const part of PARTS) {
    cpSync(join(root, part), join(copy, part), {
      recursive: true,
      filter: (path) => basename(path) !== "node_modules",
    });
  }
  mkdirSync(join(copy, ".ci"));
  for (const folder of LINKED.filter((it) => existsSync(join(root, it)))) {
    symlinkSync(join(root, folder), join(copy, folder), "dir");
  }
  if (mutation !== null) {
    const file = join(copy, mutation.file);
    writeFileSync(file, mutated(readFileSync(file, "utf8"), mutation));
  }
  const scratch = join(copy, "scratch");
  mkdirSync(scratch);
  return {
    root: copy,
    scratch,
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}
