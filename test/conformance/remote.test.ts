/**
 * The storage on a libSQL server does what every storage does.
 */

import { storageConformance } from "@mailboat/outbox/testing";
import { describe, test } from "vitest";
import { withoutSqld } from "../support/sqld.ts";
import { remoteHarness, runsBesideOthers } from "./remote_harness.ts";

/** A server is slower than a file, and each case has one of its own. */
const PATIENCE_MS = 300_000;
const RACES = 20;

describe.skipIf(withoutSqld)("libsql over HTTP", () => {
  const create = remoteHarness("http");
  for (const one of storageConformance({ create, races: RACES })) {
    const concurrent = runsBesideOthers(one);
    test(one.name, { timeout: PATIENCE_MS, concurrent }, one.run);
  }
});
