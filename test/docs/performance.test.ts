/**
 * The page about performance and its charts show the newest results, all of
 * them: `npm run figures` would change nothing.
 */

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { chartsOf, renewed } from "../../bench/performance_page.ts";
import { newestResults } from "../../bench/results.ts";
import { scenarios } from "../../bench/scenarios.ts";
import { read, root } from "../support/source_tree.ts";

const results = newestResults(fileURLToPath(new URL("bench/results", root)));
const page = read("docs/performance.md");

test("the tables are those of the newest results", () => {
  expect(page).toBe(renewed(page, results, scenarios));
});

test("the charts are those of the newest results, and no others", () => {
  const charts = chartsOf(results, scenarios);
  expect(readdirSync(new URL("docs/performance", root)).sort())
    .toEqual([...charts.keys()].sort());
  for (const [name, svg] of charts) {
    expect(read(`docs/performance/${name}`), name).toBe(svg);
  }
});

test("every missed target is shown as missed", () => {
  const missed = Object.values(results).flatMap(({ figures }) =>
    figures.filter(({ pass }) => pass === false)
  );
  expect(page.match(/\| \*\*missed\*\* \|$/gm) ?? []).toHaveLength(
    missed.length,
  );
});

test("what has a course is shown once, with all its figures", () => {
  const soak = results["soak"]!;
  expect(page.match(/performance\/soak\.svg/g)).toHaveLength(1);
  const [, shown = ""] = page.split(/<!-- \/?courses -->/);
  for (const { figure } of soak.figures) {
    expect(shown).toContain(`| ${figure} |`);
  }
  expect(chartsOf(results, scenarios).get("soak.svg"))
    .toContain('class="line free"');
});

test("a page without its marks is refused, not left old", () => {
  const unmarked = page.replace("<!-- /charts -->", "");
  expect(() => renewed(unmarked, results, scenarios)).toThrow(
    "Cannot renew the page as <!-- charts --> … <!-- /charts --> is missing",
  );
});

test("labels fit beside their bars", () => {
  const labels = Object.values(results).flatMap(({ figures }) =>
    figures.flatMap(({ figure, against }) => [figure, `beside ${against}`])
  );
  expect(labels.filter((label) => label.length > 58)).toEqual([]);
});
