/**
 * The conformance cases in a worker, on a D1 database.
 *
 * @module
 */

import { batchStorageConformance } from "@mailboat/outbox/testing";
import { answer } from "./case_list.ts";
import { createD1Harness, type Database } from "./d1_harness.ts";
import { d1Cases } from "./d1_own_cases.ts";

/** As often as it takes to see that relays race: each round is many requests. */
const RACES = 50;

export default {
  /** Runs a case. */
  fetch(
    request: Request,
    { DB }: { readonly DB: Database },
  ): Promise<Response> {
    return answer(request, [
      ...batchStorageConformance({
        create: () => createD1Harness(DB),
        races: RACES,
      }),
      ...d1Cases(DB),
    ]);
  },
};
