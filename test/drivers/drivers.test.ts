/**
 * Every driver that answers at once does what every storage does, and refuses
 * what only such a driver can be asked for.
 */

import process from "node:process";
import { describe, expect, test } from "vitest";
import { casesOf } from "./cases.ts";
import { type DriverName, isDriver, loadDriver } from "./driver.ts";

/** Thousands of races in a file, on a machine that does much else. */
const PATIENCE_MS = 120_000;

/** What a Node has that is not too old. */
const expected: readonly DriverName[] = ["node:sqlite", "better-sqlite3"];

for (const name of expected) {
  const driver = await loadDriver(name);
  if (isDriver(driver)) {
    describe(name, () => {
      for (const { name, run } of casesOf(driver)) test(name, run, PATIENCE_MS);
    });
    continue;
  }
  const why = `${name} needs ${driver.needs}, and this is ${process.version}`;
  console.warn(`SKIPPED: ${why}`);
  const isDemanded = process.env["EVERY_DRIVER"] !== undefined;
  test.skipIf(!isDemanded)(why, () => expect.unreachable(why));
}
