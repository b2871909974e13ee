/**
 * The storage in a D1 database does what a storage does whose users write in
 * batches, on workerd.
 */

import { afterAll } from "vitest";
import { testCases } from "./cases.ts";
import { startWorker } from "../../examples/stage/workerd.ts";

const worker = await startWorker({
  entry: "test/edge/workers/d1_cases.ts",
  platform: { d1Databases: ["DB"] },
});

afterAll(() => worker.dispose());

await testCases(worker);
