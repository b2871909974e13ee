/**
 * The files of the repository that pages are made of, or lead to.
 *
 * @module
 */

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";

const NOT_OURS = new Set([".git", "dist", "node_modules"]);

/** Files and folders by their path from the root, with slashes. */
export class Repository {
  readonly #root: string;

  /** Looks at nothing yet. */
  constructor(root: string) {
    this.#root = root;
  }

  /** What stands at a path: a file, a folder, or nothing. */
  kindOf(path: string): "file" | "folder" | "nothing" {
    if (path.split("/").some((part) => NOT_OURS.has(part))) return "nothing";
    const stat = statSync(join(this.#root, path), { throwIfNoEntry: false });
    if (stat === undefined) return "nothing";
    return stat.isDirectory() ? "folder" : "file";
  }

  /** The text of a file. */
  text(path: string): string {
    return readFileSync(join(this.#root, path), "utf8");
  }

  /** What a folder holds, by name. */
  list(folder: string): string[] {
    return readdirSync(join(this.#root, folder)).sort()
      .filter((name) => !NOT_OURS.has(name))
      .map((name) => `${folder}/${name}`);
  }

  /** The files of a folder and of the folders in it. */
  filesOf(folder: string): string[] {
    return this.list(folder).flatMap((path) =>
      this.kindOf(path) === "folder" ? this.filesOf(path) : [path]
    );
  }
}
