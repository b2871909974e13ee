import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

const root = new URL("../", import.meta.url);
const { name, exports } = JSON.parse(
  readFileSync(new URL("deno.json", root), "utf8"),
) as { name: string; exports: Record<string, string> };

/** What is measured in real time, one file after the other. */
const alone = [
  "test/integration/busy_storm.test.ts",
  "test/integration/drain_ends.test.ts",
  "test/integration/event_loop.test.ts",
  "test/integration/half_open.test.ts",
  "test/integration/large_backlog.test.ts",
  "test/integration/link_up.test.ts",
  "test/integration/poison.test.ts",
  "test/integration/several_relays.test.ts",
  "test/integration/stopping.test.ts",
  "test/integration/time_to_live.test.ts",
  "test/integration/wake_up.test.ts",
  "test/consumer/locked.test.ts",
];

export default defineConfig({
  root: fileURLToPath(root),
  resolve: {
    // The package under its own name is its sources, as deno.json says.
    alias: [
      ...Object.entries(exports).map(([subpath, target]) => ({
        find: new RegExp(`^${name}${subpath.slice(1)}$`),
        replacement: fileURLToPath(new URL(target, root)),
      })),
      // It is large, and installed for the gate only.
      {
        find: /^better-sqlite3$/,
        replacement: fileURLToPath(
          new URL(".ci/node_modules/better-sqlite3/lib/index.js", root),
        ),
      },
    ],
  },
  test: {
    testTimeout: 30_000,
    hookTimeout: 30_000,
    projects: [
      {
        extends: true,
        test: {
          name: "alone",
          include: alone,
          maxWorkers: 1,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "together",
          include: ["test/**/*.test.ts"],
          exclude: alone,
          maxWorkers: "100%",
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
