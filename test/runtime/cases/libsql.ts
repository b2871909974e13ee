import type { ConformanceCase } from "@mailboat/outbox/testing";
import { createLibsqlHarness } from "../../conformance/sqlite_harness.ts";
import { storageCases } from "./storage_cases.ts";

/** libSQL on a file. */
export const cases: readonly ConformanceCase[] = storageCases(
  createLibsqlHarness,
);
