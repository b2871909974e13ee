/**
 * All that is asked of a driver that answers at once.
 *
 * @module
 */

import {
  type ConformanceCase,
  inboxConformance,
  letterConformance,
  storageConformance,
} from "@mailboat/outbox/testing";
import { syncHarness } from "../conformance/sync_harness.ts";
import { contentCases } from "./content_cases.ts";
import { databaseCases } from "./database_cases.ts";
import { deliveryCases } from "./delivery_cases.ts";
import type { Driver } from "./driver.ts";
import { processCases } from "./process_cases.ts";
import { transactionCases } from "./transaction_cases.ts";

/** As often as it takes to see that relays race; on libSQL they do it for longer. */
const RACES = 200;

/** The cases, for whatever runs tests. */
export function casesOf(driver: Driver): readonly ConformanceCase[] {
  const create = syncHarness(driver);
  return [
    ...storageConformance({ create, races: RACES }),
    ...inboxConformance({ create }),
    ...letterConformance({ create }),
    ...transactionCases(driver),
    ...databaseCases(driver),
    ...contentCases(driver),
    ...deliveryCases(driver),
    ...processCases(driver),
  ];
}
