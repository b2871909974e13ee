/**
 * The conformance cases in a worker, on drizzle over a D1 database.
 *
 * @module
 */

import { batchStorageConformance } from "@mailboat/outbox/testing";
import { answer } from "./case_list.ts";
import type { Database } from "./d1_harness.ts";
import { createDrizzleD1Harness } from "./drizzle_d1_harness.ts";
import { drizzleD1Cases } from "./drizzle_d1_own_cases.ts";

/** Of what the storage beneath does by itself, one race is enough. */
const RACES = 1;

export default {
  /** Runs a case. */
  fetch(
    request: Request,
    { DB, OTHER }: { readonly DB: Database; readonly OTHER: Database },
  ): Promise<Response> {
    return answer(request, [
      ...drizzleD1Cases(DB, OTHER),
      ...batchStorageConformance({
        create: () => createDrizzleD1Harness(DB),
        races: RACES,
      }),
    ]);
  },
};
