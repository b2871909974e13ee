/**
 * Every letter box does what every letter box does.
 */

import {
  type ConformanceCase,
  letterConformance,
} from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import { createMemoryHarness } from "./memory_harness.ts";
import { createDrizzleHarness, createLibsqlHarness } from "./sqlite_harness.ts";

const PATIENCE_MS = 120_000;

const lists: Readonly<Record<string, readonly ConformanceCase[]>> = {
  "the letter box in memory": letterConformance({
    create: createMemoryHarness,
  }),
  "the letter box of libsql": letterConformance({
    create: createLibsqlHarness,
  }),
  "the letter box of drizzle": letterConformance({
    create: createDrizzleHarness,
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
