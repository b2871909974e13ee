/**
 * A connection of our own through a driver that answers at once.
 *
 * @module
 */

import {
  DATA_VERSION,
  type SqliteDriver,
  type SqlOutcome,
  type SqlRow,
  type SqlStatement,
} from "./driver.ts";
import type { ConnectOptions } from "./file_outbox.ts";
import type { SyncConnection } from "./sync_connection.ts";
import { enterWal } from "./wal_mode.ts";

/** Sets a connection that was opened for us up, and takes it over. */
export async function driverOver(
  connection: SyncConnection,
  options: ConnectOptions,
): Promise<SqliteDriver> {
  await setUp(connection, options);
  return new SyncDriver(connection);
}

/** Sets a connection up; one that cannot be is closed. */
export async function setUp(
  connection: SyncConnection,
  { lockWaitMs, setWal }: ConnectOptions,
): Promise<void> {
  const exec = (sql: string) => connection.exec(sql);
  const takeLock = () => transacted(connection, () => {});
  try {
    exec(`PRAGMA busy_timeout = ${lockWaitMs}`);
    if (setWal) await enterWal({ exec, takeLock });
    exec("PRAGMA synchronous = FULL");
  } catch (thrown) {
    connection.close();
    throw thrown;
  }
}

class SyncDriver implements SqliteDriver {
  readonly #connection: SyncConnection;

  constructor(connection: SyncConnection) {
    this.#connection = connection;
  }

  async query(statement: SqlStatement): Promise<readonly SqlRow[]> {
    return await this.#connection.run(statement).rows;
  }

  async transact(
    statements: readonly SqlStatement[],
  ): Promise<readonly (readonly SqlRow[])[]> {
    const run = (statement: SqlStatement) => this.#connection.run(statement);
    const outcomes = await transacted(
      this.#connection,
      () => statements.map(run),
    );
    return outcomes.map(({ rows }: SqlOutcome) => rows);
  }

  async version(): Promise<string> {
    const [row] = await this.query(DATA_VERSION);
    return String(row?.["data_version"]);
  }

  close(): Promise<void> {
    this.#connection.close();
    return Promise.resolve();
  }
}

/** Works in an immediate transaction: commits, or rolls back and throws. */
export function transacted<T>(connection: SyncConnection, work: () => T): T {
  connection.exec("BEGIN IMMEDIATE");
  try {
    const result = work();
    connection.exec("COMMIT");
    return result;
  } catch (thrown) {
    rollBack(connection);
    throw thrown;
  }
}

/** Ends a transaction, unless SQLite itself has ended it already. */
export function rollBack(connection: SyncConnection): void {
  if (connection.isTransaction) connection.exec("ROLLBACK");
}
