/**
 * What Deno must allow an adapter, and nothing more: leave one of these out
 * and it does not work.
 *
 * @module
 */

/** The permissions of one adapter. */
export interface Permissions {
  /**
   * The flags of `deno run`. `app.db` is the database, `127.0.0.1:1883` the
   * broker, `127.0.0.1:8080` the libSQL server.
   */
  readonly flags: readonly string[];
  /**
   * With this one too, a relay notices at once what another process commits;
   * it works without, and looks from time to time.
   */
  readonly watching?: string;
}

/** By the entry point of the adapter. */
export const permissions = {
  "./libsql": {
    watching: "--allow-read=.",
    flags: [
      "--allow-env=LIBSQL_JS_DEV",
      "--allow-sys=cpus,networkInterfaces,hostname",
      "--allow-ffi",
    ],
  },
  "./libsql/remote": {
    flags: ["--allow-net=127.0.0.1:8080"],
  },
  "./node-sqlite": {
    flags: ["--allow-read=app.db", "--allow-write=app.db"],
    watching: "--allow-read=.",
  },
  "./better-sqlite3": {
    flags: [
      "--allow-read=.",
      "--allow-sys=cpus,networkInterfaces,hostname",
      "--allow-ffi",
    ],
  },
  "./drizzle": {
    watching: "--allow-read=.",
    flags: [
      "--allow-env",
      "--allow-sys=cpus,networkInterfaces,hostname",
      "--allow-ffi",
    ],
  },
  "./mqtt": {
    flags: ["--allow-env", "--allow-net=127.0.0.1:1883"],
  },
} as const satisfies Readonly<Record<string, Permissions>>;
