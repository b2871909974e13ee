/**
 * The versions of drizzle, as another folder of the tests installs them.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";

const HOME = "test/drizzle";

/** Where the package of each version is. */
export const drizzleVersions: Readonly<Record<string, string>> = {
  "drizzle 0.45": installed("drizzle-orm-0"),
  "drizzle 1.0": installed("drizzle-orm"),
};

function installed(name: string): string {
  const folder = resolve(HOME, "node_modules", name);
  if (existsSync(folder)) return folder;
  throw new Error(`There is no ${name}: npm ci --prefix ${HOME}`);
}
