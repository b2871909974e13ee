/**
 * As much of `bun:sqlite` as the sensor and Mailboat use. A project on Bun
 * installs `@types/bun` instead.
 *
 * @module
 */

declare module "bun:sqlite" {
  /** A SQLite database. */
  export class Database {
    /** Opens a file, and makes it unless it is there. */
    constructor(path: string);
    /** Whether a transaction is open. */
    readonly inTransaction: boolean;
    /** Runs statements that answer nothing. */
    exec(sql: string): void;
    /** Prepares a statement. */
    prepare(sql: string): Statement;
    /** Closes it. */
    close(throwOnError?: boolean): void;
    /** Forgets the statements that `query` has prepared. */
    clearQueryCache(): void;
  }

  /** What SQLite takes for a value. */
  export type Value = string | number | bigint | boolean | Uint8Array | null;

  /** A prepared statement. */
  export interface Statement {
    /** Runs it for the rows that it returns. */
    all(...args: Value[]): unknown[];
    /** Runs it for its effect. */
    run(...args: Value[]): { changes: number };
    /** Makes it give integers as bigints. */
    safeIntegers(enabled: boolean): unknown;
    /** Gives it back to SQLite. */
    finalize(): void;
  }
}
