/**
 * The conformance cases inside a Durable Object, on drizzle over its database.
 *
 * @module
 */

import {
  type ConformanceCase,
  inboxConformance,
  letterConformance,
  storageConformance,
} from "@mailboat/outbox/testing";
import { BenchObject } from "./bench_object.ts";
import { drizzleObjectHarness } from "./drizzle_object_harness.ts";
import { drizzleObjectCases } from "./drizzle_object_own_cases.ts";
import type { Abroad, ObjectStorage } from "./object_harness.ts";

export { toObjects as default } from "./bench_object.ts";

/** Of what the storage beneath does by itself, one race is enough. */
const RACES = 1;

/** The object. */
export class Bench extends BenchObject {
  protected override cases(
    database: ObjectStorage,
    abroad: Abroad,
  ): readonly ConformanceCase[] {
    const create = drizzleObjectHarness(database, abroad);
    return [
      ...drizzleObjectCases(database),
      ...storageConformance({ create, races: RACES }),
      ...inboxConformance({ create }),
      ...letterConformance({ create }),
    ];
  }
}
