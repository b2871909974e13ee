/**
 * The storage of a Durable Object does what every storage does, on workerd.
 */

import { afterAll } from "vitest";
import { testCases } from "./cases.ts";
import { startWorker } from "../../examples/stage/workerd.ts";

const worker = await startWorker({
  entry: "test/edge/workers/object_cases.ts",
  platform: {
    durableObjects: { BENCH: { className: "Bench", useSQLite: true } },
  },
});

afterAll(() => worker.dispose());

await testCases(worker);
