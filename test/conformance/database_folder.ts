/**
 * Folders of database files, and what a process that is killed leaves in one.
 *
 * @module
 */

import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A new, empty folder. */
export function temporaryFolder(): string {
  return mkdtempSync(join(tmpdir(), "mailboat-conformance-"));
}

/** Removes a folder with all that is in it. */
export function removeFolder(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

/** A new folder with what is in the files of `app.db`, as a kill leaves them. */
export function leftBehind(folder: string): string {
  const left = temporaryFolder();
  for (const name of ["app.db", "app.db-wal"]) {
    const file = join(folder, name);
    if (existsSync(file)) copyFileSync(file, join(left, name));
  }
  return left;
}
