import { defineConfig, mergeConfig } from "vitest/config";
import base from "../vitest.config.ts";

/** The packed package and the example, in the runtimes they are made for. */
export default mergeConfig(
  { ...base, test: {} },
  defineConfig({
    test: {
      include: ["test/runtime/*.smoke.ts"],
      // Each packs the package, and so builds it anew.
      fileParallelism: false,
      maxConcurrency: 2,
      testTimeout: 180_000,
      hookTimeout: 180_000,
    },
  }),
);
