import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { withoutDisk } from "../support/without_disk.ts";
import { runFuzz } from "./fuzz.ts";

test(
  "2,000 bad inputs are refused by type, or arrive as they were given",
  async ({ onTestFinished }) => {
    const folder = mkdtempSync(join(withoutDisk(), "mailboat-fuzz-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const report = await runFuzz({ inputs: 2_000, seed: 1, folder });
    expect(report.faults).toEqual([]);
    expect(report.inputs).toBe(2_000);
    expect(report.accepted).toBeGreaterThan(200);
    expect(report.delivered).toBeGreaterThan(200);
  },
  120_000,
);
