/**
 * The storage on a libSQL server does what every storage does.
 */

import { storageConformance } from "@mailboat/outbox/testing";
import { describe } from "vitest";
import { withoutSqld } from "../support/sqld.ts";
import { remoteHarness } from "./remote_harness.ts";
import { testCases } from "./remote_tests.ts";

const RACES = 20;

describe.skipIf(withoutSqld)("libsql over HTTP", () => {
  const create = remoteHarness("http");
  testCases(storageConformance({ create, races: RACES }));
});
