/**
 * Whether a database takes writes, asked without changing anything.
 *
 * @module
 */

import type { SqliteDriver } from "./driver.ts";
import { storageError } from "./errors.ts";
import type { Tables } from "./tables.ts";

/** Tries to write, and changes nothing; a lock that another has is as good. */
export async function requireWritable(
  action: string,
  driver: SqliteDriver,
  { relay }: Tables,
): Promise<void> {
  const sql = `UPDATE ${relay} SET "beat" = "beat" WHERE false`;
  try {
    await driver.transact([{ sql, args: [] }]);
  } catch (thrown) {
    const error = storageError(action, thrown);
    if (error.code !== "STORAGE_BUSY") throw error;
  }
}
