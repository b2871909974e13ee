/**
 * Kept results: a file a day, and the newest of each scenario counts.
 */

import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { alone } from "../../bench/figure.ts";
import { recordOf } from "../../bench/report.ts";
import {
  keep,
  newestResults,
  type ScenarioResult,
} from "../../bench/results.ts";

const found = (name: string, ours: number): Record<string, ScenarioResult> => ({
  [name]: {
    quick: false,
    facts: { node: "v20.19.0" },
    figures: [recordOf(name, alone("rate", "events/s", [ours]))],
  },
});

function folderOf(): string {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-results-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  // It need not exist.
  return join(folder, "results");
}

test("a run adds to its day, and replaces what it measured again", () => {
  const folder = folderOf();
  keep(found("drain", 1), { date: "2026-11-26", folder });
  keep(found("idle", 2), { date: "2026-11-26", folder });
  keep(found("drain", 3), { date: "2026-11-26", folder });
  expect(readdirSync(folder)).toEqual(["2026-11-26.json"]);
  const { drain, idle } = newestResults(folder);
  expect(drain?.figures[0]?.ours).toBe(3);
  expect(idle?.figures[0]?.ours).toBe(2);
});

test("of several days the newest of each scenario counts", () => {
  const folder = folderOf();
  keep(found("drain", 3), { date: "2026-11-26", folder });
  keep(found("drain", 1), { date: "2026-10-01", folder });
  keep(found("idle", 2), { date: "2026-10-01", folder });
  const { drain, idle } = newestResults(folder);
  expect(drain).toMatchObject({ date: "2026-11-26", figures: [{ ours: 3 }] });
  expect(idle).toMatchObject({ date: "2026-10-01", figures: [{ ours: 2 }] });
});
