/**
 * The API reference: what `deno doc` makes of the doc comments.
 *
 * @module
 */

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";

/** Writes the reference of every entry point into the folder `api` of a site. */
export function writeApiReference(
  { root, out }: { readonly root: string; readonly out: string },
): void {
  const { name, exports } = JSON.parse(
    readFileSync(join(root, "deno.json"), "utf8"),
  ) as { name: string; exports: Record<string, string> };
  const args = [
    join(root, ".ci/tool.mjs"),
    "deno",
    "doc",
    "--quiet",
    "--html",
    `--name=${name}`,
    `--output=${join(out, "api")}`,
    ...Object.values(exports),
  ];
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    stdio: ["ignore", "ignore", "inherit"],
  });
  if (status !== 0) throw new Error("deno doc could not document the package");
}
