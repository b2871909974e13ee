/**
 * What runs in a project with a version of drizzle: `program.ts DRIVER`. One
 * line of JSON for each case.
 *
 * @module
 */

import {
  type ConformanceCase,
  type CreateInboxHarness,
  type CreateLetterHarness,
  type CreateStorageHarness,
  inboxConformance,
  letterConformance,
  storageConformance,
} from "@mailboat/outbox/testing";
import process from "node:process";
import { createDrizzleHarness } from "../conformance/sqlite_harness.ts";
import { consumerCases } from "./consumer_cases.ts";
import { driverOf } from "./drivers.ts";
import { drizzleSyncHarness } from "./sync_harness.ts";
import { transactionCases } from "./transaction_cases.ts";

/**
 * Drizzle is met in the user's transactions only. Of what the storage beneath
 * does by itself, which is held to the whole kit as it is, one race is enough.
 */
const RACES = 1;

const [driver = ""] = process.argv.slice(2);
for (const { name, run } of await casesOf(driver)) {
  const error = await run().then(() => null, (thrown: Error) => thrown.stack);
  console.log(JSON.stringify({ name, error }));
}
// A case that failed may hold on to something.
process.exit();

async function casesOf(name: string): Promise<readonly ConformanceCase[]> {
  if (name === "libsql") return kit(createDrizzleHarness);
  const driver = await driverOf(name);
  return [
    ...transactionCases(driver),
    ...consumerCases(driver),
    ...kit(drizzleSyncHarness(driver)),
  ];
}

function kit<Tx, Statement>(
  create:
    & CreateStorageHarness<Tx, Statement>
    & CreateInboxHarness<Tx>
    & CreateLetterHarness<Tx>,
): readonly ConformanceCase[] {
  return [
    ...storageConformance<Tx, Statement>({ create, races: RACES }),
    ...inboxConformance({ create }),
    ...letterConformance({ create }),
  ];
}
