/**
 * Everything that is asked of a storage, of a driver that answers at once.
 *
 * @module
 */

import type { SyncFileStorage } from "@mailboat/outbox/node-sqlite";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { type Database, syncHarness } from "../../conformance/sync_harness.ts";
import { storageCases } from "./storage_cases.ts";

/** A driver as its user imports it. */
export interface ImportedDriver {
  /** No literal, as neither the compiler nor every runtime knows it. */
  readonly module: string;
  /** Its class, by the name of the export. */
  readonly Database: string;
  /** What tells whether a transaction is open. */
  readonly isTransaction: "isTransaction" | "inTransaction";
  /** What makes a storage on it. */
  storage(database: Database): SyncFileStorage<Database>;
}

/** The cases of all three lists. */
export async function driverCases(
  { module, Database, isTransaction, storage }: ImportedDriver,
): Promise<readonly ConformanceCase[]> {
  const exported = await import(module) as Readonly<Record<string, unknown>>;
  const Opened = exported[Database] as new (path: string) => Database;
  return storageCases(syncHarness<Database>({
    open: (path) => new Opened(path),
    isTransaction: (database) =>
      (database as unknown as Record<string, boolean>)[isTransaction] === true,
    storage,
  }));
}
