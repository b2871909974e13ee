/**
 * The types of the platform, as its own package has them, fit the adapters.
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { test } from "vitest";

test("D1Database and DurableObjectStorage fit, and give a user his own types", async () => {
  await promisify(execFile)("npx", ["tsc", "-p", "test/edge/typing"]);
});
