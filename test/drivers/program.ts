/**
 * All that is asked of the drivers of this runtime, without a test runner:
 *
 *     bun test/drivers/program.ts
 *     deno run -A test/drivers/program.ts
 *
 * @module
 */

import process from "node:process";
import { casesOf } from "./cases.ts";
import { driverNames, isDriver, loadDriver } from "./driver.ts";

let failed = 0;
for (const name of driverNames) {
  const driver = await loadDriver(name);
  if (!isDriver(driver)) {
    console.log(`${name}: SKIPPED, as it needs ${driver.needs}`);
    continue;
  }
  let passed = 0;
  for (const { name: title, run } of casesOf(driver)) {
    try {
      await run();
      passed++;
    } catch (error) {
      failed++;
      console.error(`${name}: FAILED: ${title}\n`, error);
    }
  }
  console.log(`${name}: ${passed} passed`);
}
process.exitCode = failed === 0 ? 0 : 1;
