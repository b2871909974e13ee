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

import { createClient } from "@libsql/client/sqlite3";
import {
  cellOf,
  type SqlCell,
  type SqliteDriver,
  type SqlOutcome,
  type SqlRow,
  type SqlStatement,
} from "../sqlite/driver.ts";
import { isBusy } from "../sqlite/errors.ts";
import { urlOf } from "./location.ts";

/** A result of the client, as far as it is read. */
export interface LibsqlResult {
  /** The names of the columns. */
  readonly columns: readonly string[];
  /** The rows; values by position. */
  readonly rows: ArrayLike<{ readonly [position: number]: unknown }>;
  /** How many rows were changed, by a statement that returns none. */
  readonly rowsAffected: number;
}

/** The rows of a result, by column name, whatever the client makes of integers. */
export function rowsOf({ columns, rows }: LibsqlResult): SqlRow[] {
  return Array.from(rows, (row) => {
    const cells = columns.map((column, at): [string, SqlCell] => [
      column,
      cellOf(row[at]),
    ]);
    return Object.fromEntries(cells);
  });
}

/** What came of a statement on a user's transaction. */
export function outcomeOf(result: LibsqlResult): SqlOutcome {
  return { rows: rowsOf(result), changes: result.rowsAffected };
}

/** Opens a connection; it waits for a lock for `lockWaitMs`, blocking. */
export function connectLibsql(
  path: string,
  lockWaitMs: number,
): SqliteDriver {
  return new LibsqlDriver(path, lockWaitMs);
}

type Client = ReturnType<typeof createClient>;

class LibsqlDriver implements SqliteDriver {
  readonly #client: Client;
  /** Settings belong to a connection; a new one has its own. */
  #isSet = false;
  /** Calls run one after the other, so that none is cut off by a reconnect. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(path: string, lockWaitMs: number) {
    const url = urlOf(path);
    this.#client = createClient({ url, concurrency: 1, timeout: lockWaitMs });
  }

  query(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return this.#next(async () =>
      rowsOf(await this.#client.execute(statement))
    );
  }

  transact(
    statements: readonly SqlStatement[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    return this.#next(
      async () => {
        if (statements.length === 0) return [];
        const results = await this.#client.batch([...statements], "write");
        return results.map(rowsOf);
      },
      "BEGIN IMMEDIATE; COMMIT",
    );
  }

  async close(): Promise<void> {
    await this.#last;
    if (!this.#client.closed) this.#client.close();
  }

  /** Runs `script` to its end, which leaves nothing behind, and then `work`. */
  #next<T>(work: () => Promise<T>, script: string | null = null): Promise<T> {
    const turn = this.#last.then(async () => {
      if (!this.#isSet) {
        await this.#client.executeMultiple("PRAGMA synchronous = FULL");
        this.#isSet = true;
      }
      if (script !== null) await this.#client.executeMultiple(script);
      return this.#guarded(work);
    });
    this.#last = turn.catch(() => {});
    return turn;
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
