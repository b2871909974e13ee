/**
 * `npm run figures`: draws the newest results, and renews
 * `docs/performance.md` with them.
 *
 * @module
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { chartsOf, renewed } from "./performance_page.ts";
import { newestResults, RESULTS_FOLDER } from "./results.ts";
import { scenarios } from "./scenarios.ts";

const page = new URL("../../docs/performance.md", import.meta.url);
const charts = new URL("../../docs/performance/", import.meta.url);

const results = newestResults(RESULTS_FOLDER);
rmSync(charts, { recursive: true, force: true });
mkdirSync(charts);
for (const [name, svg] of chartsOf(results, scenarios)) {
  writeFileSync(new URL(name, charts), svg);
}
writeFileSync(page, renewed(readFileSync(page, "utf8"), results, scenarios));
