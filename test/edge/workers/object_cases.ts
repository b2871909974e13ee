/**
 * The conformance cases inside a Durable Object.
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
import {
  type Abroad,
  objectHarness,
  type ObjectStorage,
} from "./object_harness.ts";
import { objectCases } from "./object_own_cases.ts";

export { toObjects as default } from "./bench_object.ts";

/** As often as it takes to see that relays race. */
const RACES = 200;

/** The object. */
export class Bench extends BenchObject {
  protected override cases(
    database: ObjectStorage,
    abroad: Abroad,
  ): readonly ConformanceCase[] {
    const create = objectHarness(database, abroad);
    return [
      ...storageConformance({ create, races: RACES }),
      ...inboxConformance({ create }),
      ...letterConformance({ create }),
      ...objectCases(database),
    ];
  }
}
