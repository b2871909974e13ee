/**
 * What else there is on a libSQL server: the inbox and the letter box, another
 * wire, and drizzle. What they share with the storage over HTTP is left to that.
 */

import {
  type ConformanceCase,
  inboxConformance,
  letterConformance,
  storageConformance,
} from "@mailboat/outbox/testing";
import { describe } from "vitest";
import { withoutSqld } from "../support/sqld.ts";
import { createRemoteDrizzleHarness, remoteHarness } from "./remote_harness.ts";
import { testCases } from "./remote_tests.ts";

const RACES = 20;

const http = { create: remoteHarness("http") };
const ws = { create: remoteHarness("ws") };

/** What a relay does with answers is the same by whatever way they come. */
const isOfRelay = ({ name }: ConformanceCase) => name.startsWith("relay:");
/** Drizzle is met in the user's transactions only; the store is that over HTTP. */
const isOfWriter = ({ name }: ConformanceCase) =>
  /^(?:enqueue|round trip|sequence|position):/.test(name);

const lists: Readonly<Record<string, readonly ConformanceCase[]>> = {
  "libsql over a web socket": storageConformance({ ...ws, races: RACES })
    .filter((it) => !isOfRelay(it)),
  "drizzle over HTTP": storageConformance({
    create: createRemoteDrizzleHarness,
  }).filter(isOfWriter),
  "the inbox of libsql over HTTP": inboxConformance(http),
  "the letter box of libsql over HTTP": letterConformance(http),
};

describe.skipIf(withoutSqld).each(Object.entries(lists))("%s", (_, cases) => {
  testCases(cases);
});
