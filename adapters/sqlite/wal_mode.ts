/**
 * Putting a database file into WAL mode, which its relay requires.
 *
 * @module
 */

import { isBusy } from "./errors.ts";

/** What is asked of a connection of our own; a driver may answer at once. */
export interface WalConnection {
  /** Runs one statement, and leaves nothing behind when it meets a lock. */
  exec(sql: string): Promise<void> | void;
  /** Waits for the write lock, if the connection waits at all, and gives it back. */
  takeLock(): Promise<void> | void;
}

/** Far more processes than start at once on one device. */
const ROUNDS = 100;

/** Of those who do it at once, SQLite refuses all but one, even if they may wait. */
export async function enterWal(connection: WalConnection): Promise<void> {
  for (let round = 1; round <= ROUNDS; round++) {
    try {
      return await connection.exec("PRAGMA journal_mode = WAL");
    } catch (thrown) {
      if (!isBusy(thrown) || round === ROUNDS) throw thrown;
      await connection.takeLock();
    }
  }
}
