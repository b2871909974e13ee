/**
 * Every storage does what every storage does.
 */

import {
  type ConformanceCase,
  storageConformance,
} from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import {
  createMemoryHarness,
  createSyncMemoryHarness,
} from "./memory_harness.ts";
import { createDrizzleHarness, createLibsqlHarness } from "./sqlite_harness.ts";

/** Thousands of races in a file, on a machine that does much else. */
const PATIENCE_MS = 120_000;

const lists: Readonly<Record<string, readonly ConformanceCase[]>> = {
  "the storage in memory": storageConformance({ create: createMemoryHarness }),
  "the synchronous storage in memory": storageConformance({
    create: createSyncMemoryHarness,
  }),
  "libsql on a file": storageConformance({ create: createLibsqlHarness }),
  "drizzle on a file": storageConformance({
    create: createDrizzleHarness,
    races: 200,
  }),
};

describe.each(Object.entries(lists))("%s", (_, cases) => {
  for (const { name, run } of cases) test(name, run, PATIENCE_MS);
});

test("every case has a name of its own", () => {
  for (const cases of Object.values(lists)) {
    const names = cases.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
  }
});
