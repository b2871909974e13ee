import { nodeSqliteStorage } from "@mailboat/outbox/node-sqlite";
import type { ConformanceCase } from "@mailboat/outbox/testing";
import { driverCases } from "./driver_cases.ts";

/** The SQLite of the runtime, on a file. */
export const cases: readonly ConformanceCase[] = await driverCases({
  module: "node:sqlite",
  Database: "DatabaseSync",
  isTransaction: "isTransaction",
  storage: nodeSqliteStorage,
});
