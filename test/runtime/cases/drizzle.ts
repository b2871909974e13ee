import type { ConformanceCase } from "@mailboat/outbox/testing";
import { createDrizzleHarness } from "../../conformance/sqlite_harness.ts";
import { storageCases } from "./storage_cases.ts";

/** drizzle over libSQL on a file. */
export const cases: readonly ConformanceCase[] = storageCases(
  createDrizzleHarness,
);
