/**
 * Every inbox does what every inbox does.
 */

import {
  type ConformanceCase,
  inboxConformance,
} from "@mailboat/outbox/testing";
import { describe, expect, test } from "vitest";
import {
  createMemoryHarness,
  createSyncMemoryHarness,
} from "./memory_harness.ts";
import { createDrizzleHarness, createLibsqlHarness } from "./sqlite_harness.ts";

const PATIENCE_MS = 120_000;

const lists: Readonly<Record<string, readonly ConformanceCase[]>> = {
  "the inbox in memory": inboxConformance({ create: createMemoryHarness }),
  "the synchronous inbox in memory": inboxConformance({
    create: createSyncMemoryHarness,
  }),
  "the inbox of libsql": inboxConformance({ create: createLibsqlHarness }),
  "the inbox of drizzle": inboxConformance({ create: createDrizzleHarness }),
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
