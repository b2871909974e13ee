/**
 * The options that every storage on SQLite has.
 *
 * @module
 */

/** Options of a storage on SQLite. */
export interface SqliteStorageOptions {
  /**
   * What begins the name of every table.
   *
   * @default {"mailboat_"}
   */
  readonly prefix?: string;
}
