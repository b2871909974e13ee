/**
 * The storage on a libSQL server does what every storage does.
 */

import { storageConformance } from "@mailboat/outbox/testing";
import { describe, test } from "vitest";
import { withoutSqld } from "../support/sqld.ts";
import { remoteHarness } from "./remote_harness.ts";

/** A server is slower than a file, and each case has one of its own. */
const PATIENCE_MS = 300_000;
const RACES = 20;

describe.skipIf(withoutSqld)("libsql over HTTP", () => {
  const create = remoteHarness("http");
  for (const { name, run } of storageConformance({ create, races: RACES })) {
    test(name, run, PATIENCE_MS);
  }
});
