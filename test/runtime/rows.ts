/**
 * What `npm run matrix` runs: which runtimes there are, and what of the
 * package each of them is for.
 *
 * @module
 */

import type { EntryName, Installed } from "./entries.ts";

/** One runtime, one row of the table. */
export interface Row extends Installed {
  /** What it is called on the command line. */
  readonly runtime: string;
  /** What it is called in the table. */
  readonly title: string;
  /** What its version begins with; another one has been started by mistake. */
  readonly version: string;
  /** What it is called with, before the file to run. */
  readonly args: readonly string[];
  /** What has to run it, as it takes no file itself: a module of its home. */
  readonly host?: string;
  /** What runs on it. */
  readonly entries: readonly EntryName[];
}

const runtimes = "test/runtime";
const tools = ".ci";

const node = (major: number, entries: readonly EntryName[]): Row => ({
  runtime: `node-${major}`,
  title: `Node ${major}`,
  version: `${major}.`,
  home: runtimes,
  program: `node-${major}/bin/node`,
  args: [],
  entries,
});

const old = [
  "quickstart",
  "memory",
  "libsql",
  "libsql-remote",
  "drizzle",
  "mqtt",
] as const;
const usual = [...old, "node-sqlite", "better-sqlite3"] as const;

/** The rows, in the order of the table. */
export const rows: readonly Row[] = [
  { ...node(20, old), title: "Node 20.19", version: "20.19." },
  node(22, usual),
  node(24, usual),
  node(26, usual),
  {
    runtime: "deno",
    title: "Deno 2",
    version: "2.",
    home: tools,
    program: "@deno/linux-x64-glibc/deno",
    args: ["run", "--no-prompt", "-A"],
    entries: usual,
  },
  {
    runtime: "bun",
    title: "Bun 1",
    version: "1.",
    home: tools,
    program: "@oven/bun-linux-x64/bin/bun",
    args: [],
    entries: [...usual, "bun-sqlite"],
  },
  {
    runtime: "workerd",
    title: "workerd",
    version: "1.",
    home: runtimes,
    program: "workerd/bin/workerd",
    args: [],
    host: "worker_host.mjs",
    entries: ["memory", "d1", "durable-object", "mqtt-websocket"],
  },
];
