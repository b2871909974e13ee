/**
 * The file behind a client, or behind a path.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";
import { DATABASE_LIST, mainFileOf } from "../sqlite/driver.ts";
import type { SqliteFile } from "../sqlite/file_outbox.ts";
import { connectLibsql } from "./driver.ts";
import { type LibsqlResult, rowsOf } from "./result.ts";
import { pathOf } from "../sqlite/location.ts";

/** What Mailboat asks of a client: where its file is, and how it commits. */
export interface LibsqlClient {
  /** `file` for a local database. */
  readonly protocol: string;
  /** Runs one statement. */
  execute(sql: string): Promise<LibsqlResult>;
  /** Connects anew, from version 0.18 on; Mailboat leaves that to its owner. */
  reconnect(): unknown;
}

/**
 * Finds the file of a client, or the file at a path or `file:` URL.
 *
 * @throws {InputError} `INVALID_OPTION` unless it is local, and of a version
 * that can be used.
 */
export function libsqlFile(database: LibsqlClient | string): SqliteFile {
  if (typeof database === "string") return ownFile(pathOf(database));
  const found = strangenessOf(database);
  if (found === null) return fileOf(database);
  throw new InputError("INVALID_OPTION", {
    action: "create a storage",
    field: "database",
    required: "a client (of @libsql/client from 0.18 on), a path or a file: " +
      "URL of a local database file",
    found,
  });
}

/** What keeps a client from being used, or `null`. */
function strangenessOf(client: LibsqlClient): string | null {
  if (typeof client?.execute !== "function") return shorten(client);
  if (client.protocol !== "file") {
    return `a client of a remote database (${shorten(client.protocol)})`;
  }
  return typeof client.reconnect === "function" ? null : "an older client";
}

function ownFile(path: string): SqliteFile {
  return {
    owned: true,
    path: () => Promise.resolve(path),
    connect: connectLibsql,
    userSynchronous: () => Promise.resolve(null),
  };
}

function fileOf(client: LibsqlClient): SqliteFile {
  let path: string | undefined;
  return {
    owned: false,
    path: async () =>
      path ??= mainFileOf(rowsOf(await client.execute(DATABASE_LIST.sql))),
    connect: connectLibsql,
    userSynchronous: () => synchronousOf(client),
  };
}

/** One connection of the client's; others are as it opens them. */
async function synchronousOf(client: LibsqlClient): Promise<number | null> {
  try {
    const [row] = rowsOf(await client.execute("PRAGMA synchronous"));
    const level = Number(row?.["synchronous"]);
    return Number.isInteger(level) ? level : null;
  } catch {
    return null;
  }
}
