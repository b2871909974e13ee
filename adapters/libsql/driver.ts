/**
 * A connection of our own through `@libsql/client`.
 *
 * A statement of this client that meets a lock stays active until it is
 * collected as garbage: it pins an old view of the database and makes later
 * commits of its connection fail. So the lock is tried first in a way that
 * leaves no statement behind, and a connection that met one nevertheless is
 * replaced.
 *
 * @module
 */

import type { Client } from "@libsql/client/sqlite3";
import { dependency, MailboatError } from "../../mod.ts";
import {
  DATA_VERSION,
  type SqliteDriver,
  type SqlRow,
  type SqlStatement,
} from "../sqlite/driver.ts";
import { isBusy } from "../sqlite/errors.ts";
import type { ConnectOptions } from "../sqlite/file_outbox.ts";
import { enterWal } from "../sqlite/wal_mode.ts";
import { rowsOf } from "./result.ts";
import { scriptOf } from "./script.ts";

/** Opens a connection. */
export async function connectLibsql(
  path: string,
  { lockWaitMs, setWal }: ConnectOptions,
): Promise<SqliteDriver> {
  const { createClient } = await dependency({
    action: "open the database",
    name: "@libsql/client",
    load: () => import("@libsql/client/sqlite3"),
  });
  const url = urlOf(path);
  const client = createClient({ url, concurrency: 1, timeout: lockWaitMs });
  if (typeof client.reconnect !== "function") {
    client.close();
    throw new MailboatError(
      "DEPENDENCY_MISSING",
      "Cannot open the database as @libsql/client must be 0.18 or later " +
        "(npm install @libsql/client): current value is an older one",
    );
  }
  return new LibsqlDriver(client, setWal);
}

/** The URL that makes the client open this path. */
function urlOf(path: string): string {
  return `file:${encodeURI(path).replace(/[?#]/g, encodeURIComponent)}`;
}

/** Waits for the write lock, if the connection waits at all, and gives it back. */
const TAKE_LOCK = "BEGIN IMMEDIATE; COMMIT";

class LibsqlDriver implements SqliteDriver {
  readonly #client: Client;
  readonly #setWal: boolean;
  /** Settings belong to a connection; a new one has its own. */
  #isSet = false;
  /** Each counts versions of its own. */
  #connections = 0;
  /** Calls run one after the other, so that none is cut off by a reconnect. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(client: Client, setWal: boolean) {
    this.#client = client;
    this.#setWal = setWal;
  }

  query(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return this.#next(async () =>
      rowsOf(await this.#client.execute(statement))
    );
  }

  transact(
    statements: readonly SqlStatement[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    const script = scriptOf(statements);
    if (script !== null) {
      const all = `BEGIN IMMEDIATE; ${script}; COMMIT`;
      return this.#next(() => Promise.resolve(statements.map(() => [])), all);
    }
    return this.#next(async () => {
      const results = await this.#client.batch([...statements], "write");
      return results.map(rowsOf);
    }, TAKE_LOCK);
  }

  async version(): Promise<string> {
    const [row] = await this.query(DATA_VERSION);
    return `${this.#connections}:${row?.["data_version"]}`;
  }

  async close(): Promise<void> {
    await this.#last;
    if (!this.#client.closed) this.#client.close();
  }

  /** Runs a script if there is one, which leaves nothing behind, and then the work. */
  #next<T>(work: () => Promise<T>, script: string | null = null): Promise<T> {
    const turn = this.#last.then(async () => {
      if (!this.#isSet) await this.#set();
      if (script !== null) await this.#client.executeMultiple(script);
      return this.#guarded(work);
    });
    this.#last = turn.catch(() => {});
    return turn;
  }

  async #set(): Promise<void> {
    const exec = (script: string) => this.#client.executeMultiple(script);
    if (this.#setWal) await enterWal({ exec, takeLock: () => exec(TAKE_LOCK) });
    await exec("PRAGMA synchronous = FULL");
    this.#isSet = true;
    this.#connections += 1;
  }

  async #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (thrown) {
      if (isBusy(thrown)) {
        this.#isSet = false;
        await this.#client.reconnect();
      }
      throw thrown;
    }
  }
}
