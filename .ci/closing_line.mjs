/**
 * Adds up vitest's JSON reports to one line, alone at the end of a run:
 * `node .ci/closing_line.mjs REPORT…`. Fails when a test failed or none ran.
 */

import { readFileSync } from "node:fs";

const reports = process.argv.slice(2).map((path) =>
  JSON.parse(readFileSync(path, "utf8"))
);
const sum = (field) =>
  reports.reduce((total, report) => total + report[field], 0);

const passed = sum("numPassedTests");
const failed = sum("numFailedTests");
const skipped = sum("numPendingTests") + sum("numTodoTests");
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`);
if (failed > 0 || passed === 0 || reports.some(({ success }) => !success)) {
  process.exitCode = 1;
}
