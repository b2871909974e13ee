import * as core from "@mailboat/outbox";
import * as drizzle from "@mailboat/outbox/drizzle";
import * as betterSqlite3 from "@mailboat/outbox/better-sqlite3";
import * as bunSqlite from "@mailboat/outbox/bun-sqlite";
import * as libsql from "@mailboat/outbox/libsql";
import * as libsqlRemote from "@mailboat/outbox/libsql/remote";
import * as nodeSqlite from "@mailboat/outbox/node-sqlite";
import * as mqtt from "@mailboat/outbox/mqtt";
import * as testing from "@mailboat/outbox/testing";
import { expect, test } from "vitest";
import { subjectsOf } from "./subjects.ts";

/** Functions that take nothing from outside, or only what a test runner hands them. */
const SPARED = [
  "systemClock",
  "systemRandom",
  // Reads options for the others: each of their subjects goes through it.
  "readOptions",
  // Loads what an adapter names.
  "dependency",
  // Measures what the outbox or an adapter has checked.
  "misfitOf",
  // The kit's own, for what a test has written.
  "createFaultyTransport",
  "parseHistory",
  "judgeHistory",
  "isFlawless",
  "batchStorageConformance",
  "inboxConformance",
  "letterConformance",
  "storageConformance",
  "subscriberConformance",
  "transportConformance",
];

test("every public function gets bad inputs", () => {
  const storage = testing.createMemoryStorage();
  const deadLetters = core.createDeadLetters({ storage });
  const subjects = subjectsOf({ storage, deadLetters });
  const drivers = [libsql, libsqlRemote, nodeSqlite, betterSqlite3, bunSqlite];
  const functions = [core, drizzle, ...drivers, mqtt, testing]
    .flatMap((entry) => Object.entries(entry))
    .filter(([, value]) => typeof value === "function")
    .filter(([, value]) => !/^class\b/.test(String(value)))
    .map(([name]) => name);
  const missing = functions.filter((name) =>
    !subjects.has(name) && !SPARED.includes(name)
  );
  expect(missing).toEqual([]);
});
