/**
 * drizzle over a Durable Object does what every storage does, on workerd, in
 * both of its versions.
 */

import { afterAll, describe } from "vitest";
import { testCases } from "./cases.ts";
import { drizzleVersions } from "./drizzle_versions.ts";
import { startWorker } from "../../examples/stage/workerd.ts";

describe.each(Object.entries(drizzleVersions))("%s", async (_, folder) => {
  const worker = await startWorker({
    entry: "test/edge/workers/drizzle_object_cases.ts",
    platform: {
      durableObjects: { BENCH: { className: "Bench", useSQLite: true } },
    },
    packages: { "drizzle-orm": folder },
  });

  afterAll(() => worker.dispose());

  await testCases(worker);
});
