import { defineConfig, mergeConfig } from "vitest/config";
import base from "../vitest.config.ts";

/** What runs on workerd, by the tools that this folder installs. */
export default mergeConfig(
  { ...base, test: {} },
  defineConfig({
    test: {
      include: ["test/edge/*.smoke.ts"],
      fileParallelism: false,
      testTimeout: 120_000,
      hookTimeout: 120_000,
    },
  }),
);
