import { bunSqliteStorage } from "@mailboat/outbox/bun-sqlite";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { driverCases } from "./driver_cases.ts";

/** The SQLite of Bun, on a file. */
export const cases: readonly ConformanceCase[] = await driverCases({
  module: "bun:sqlite",
  Database: "Database",
  isTransaction: "inTransaction",
  storage: bunSqliteStorage,
});
