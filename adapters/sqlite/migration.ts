/**
 * Migrations: what brings the tables to the version that this code reads.
 *
 * The schema table has one row for each migration that was applied. Every
 * migration adds its row before anything else, so that of two processes one
 * goes first and the other finds the work done.
 *
 * @module
 */

import { StorageError } from "../../mod.ts";
import { type Cell, guarded, jsonOf } from "./cells.ts";
import type { SqliteDriver, SqlStatement } from "./driver.ts";
import { storageError } from "./errors.ts";
import { createTables, type Tables } from "./tables.ts";

/** The version that this code reads and writes. */
export const SCHEMA_VERSION = 1;

/**
 * Creates or upgrades the tables; tables made by other means with the same
 * columns are adopted. Fails with `STORAGE_NEWER` before anything is written.
 */
export async function migrateTables(
  driver: SqliteDriver,
  tables: Tables,
): Promise<void> {
  if (await versionOf(driver, tables, "migrate") === SCHEMA_VERSION) return;
  try {
    await driver.transact(firstVersion(tables));
  } catch (error) {
    if (await versionOf(driver, tables, "migrate") !== SCHEMA_VERSION) {
      throw error;
    }
  }
}

/** Fails with `STORAGE_NOT_MIGRATED` or `STORAGE_NEWER` unless the tables fit. */
export async function requireTables(
  driver: SqliteDriver,
  tables: Tables,
): Promise<void> {
  const found = await versionOf(driver, tables, "open the outbox");
  if (found < SCHEMA_VERSION) throw notMigrated("open the outbox", found);
}

/** The name of the outbox in the file; fails with `STORAGE_NOT_MIGRATED`. */
export async function identityOf(
  driver: SqliteDriver,
  { relay }: Tables,
): Promise<string> {
  const [row] = await driver.query({
    sql: `SELECT CAST(json_array(${guarded(["identity"])}) AS BLOB) "identity"
FROM ${relay} WHERE "id" = 0`,
    args: [],
  });
  if (row === undefined) throw notMigrated("find the outbox", 0);
  const [identity] = jsonOf<[Cell]>(row["identity"]) ?? [];
  if (typeof identity === "string" && identity !== "") return identity;
  throw new StorageError(
    "STORAGE_FAILED",
    "Cannot find the outbox as its name must be text: somebody else damaged it",
  );
}

async function versionOf(
  driver: SqliteDriver,
  { schema }: Tables,
  action: string,
): Promise<number> {
  let version: number;
  try {
    const [row] = await driver.query({
      sql: `SELECT coalesce(max("version"), 0) "version" FROM ${schema}`,
      args: [],
    });
    version = Number(row?.["version"]);
  } catch (thrown) {
    const error = storageError(action, thrown);
    if (error.code !== "STORAGE_NOT_MIGRATED") throw error;
    version = 0;
  }
  if (version <= SCHEMA_VERSION) return version;
  throw new StorageError(
    "STORAGE_NEWER",
    `Cannot ${action} as the tables must be of version ${SCHEMA_VERSION} ` +
      `or older: current value is ${version}`,
  );
}

/** The refusal of tables that are missing or too old. */
export function notMigrated(action: string, found: number): StorageError {
  return new StorageError(
    "STORAGE_NOT_MIGRATED",
    `Cannot ${action} as migrate() must bring the tables to version ` +
      `${SCHEMA_VERSION}: current value is ${found}`,
  );
}

function firstVersion(tables: Tables): SqlStatement[] {
  const [schema, ...others] = createTables(tables);
  const texts = [
    `${schema}`,
    `INSERT INTO ${tables.schema} ("version") VALUES (1)
ON CONFLICT ("version") DO NOTHING`,
    ...others,
    `INSERT INTO ${tables.relay} ("id", "identity", "epoch", "owner", "beat",
  "lease_ms", "renewed_at_ms", "unproven", "revision")
VALUES (0, lower(hex(randomblob(16))), 0, NULL, 0, 0, 0, 0, 0)
ON CONFLICT ("id") DO NOTHING`,
  ];
  return texts.map((sql) => ({ sql, args: [] }));
}
