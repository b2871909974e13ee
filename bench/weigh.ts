/**
 * `npm run weigh`: fails when the core, or an entry point, weighs more than its
 * budget.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { balanceOf, BUDGET } from "./budget.ts";
import { bundled, CORE, gzippedBytes, takings } from "./bundle.ts";
import { inRounds } from "./rounds.ts";
import { importMs } from "./scenarios/import.ts";

const ROUNDS = 7;

const folder = mkdtempSync(join(tmpdir(), "mailboat-weigh-"));
try {
  const bytes: Record<string, number> = {};
  for (const [name, taking] of takings()) {
    bytes[name] = gzippedBytes(await bundled(taking, folder));
  }
  const timesOf = await inRounds({
    rounds: ROUNDS,
    note: () => {},
    contestants: [
      ["core", () => importMs(pathToFileURL(CORE).href)],
      ["mqtt", () => importMs("mqtt")],
    ],
  });
  const weight = { bytes, coreMs: timesOf("core"), mqttMs: timesOf("mqtt") };
  for (const { text, isOver } of balanceOf(weight, BUDGET)) {
    console.log(`${isOver ? "OVER BUDGET" : "within budget"}: ${text}`);
    if (isOver) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
