import { betterSqlite3Storage } from "@mailboat/outbox/better-sqlite3";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { driverCases } from "./driver_cases.ts";

/** better-sqlite3, on a file. */
export const cases: readonly ConformanceCase[] = await driverCases({
  module: "better-sqlite3",
  Database: "default",
  isTransaction: "inTransaction",
  storage: betterSqlite3Storage,
});
