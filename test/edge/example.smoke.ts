/**
 * The worker among the examples runs on this machine, as its page says.
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

test("npm run example:worker delivers what was stored, in order", async () => {
  const { stdout } = await promisify(execFile)(
    "npm",
    ["run", "--silent", "example:worker"],
  );
  const readings = [...stdout.matchAll(/^meters\/m-1 (.*)$/gm)]
    .map(([, text]) => JSON.parse(text!).data as unknown);
  expect(readings).toEqual(
    [1, 2, 3, 4, 5].map((kwh) => ({ meter: "m-1", kwh })),
  );
  expect(stdout).toContain("5 delivered, then: empty");
});
