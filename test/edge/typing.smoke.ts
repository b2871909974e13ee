/**
 * The types of the platform, as its own package has them, fit the adapters, by
 * themselves and with drizzle.
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "vitest";

test.each([
  ["D1Database and DurableObjectStorage", "."],
  ["drizzle 0.45 over them", "drizzle/tsconfig.0.json"],
  ["drizzle 1.0 over them", "drizzle"],
])("%s fit, and give a user his own types", async (_, config) => {
  const project = `test/edge/typing/${config}`;
  await promisify(execFile)("npx", ["tsc", "-p", project]);
});
