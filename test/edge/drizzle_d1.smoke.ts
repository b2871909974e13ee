/**
 * drizzle over D1 does what a storage does whose users write in batches, on
 * workerd, in both of its versions.
 */

import { afterAll, describe } from "vitest";
import { testCases } from "./cases.ts";
import { drizzleVersions } from "./drizzle_versions.ts";
import { startWorker } from "../../examples/stage/workerd.ts";

describe.each(Object.entries(drizzleVersions))("%s", async (_, folder) => {
  const worker = await startWorker({
    entry: "test/edge/workers/drizzle_d1_cases.ts",
    platform: { d1Databases: ["DB", "OTHER"] },
    packages: { "drizzle-orm": folder },
  });

  afterAll(() => worker.dispose());

  await testCases(worker);
});
