import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { program } from "../support/program.ts";
import { withoutDisk } from "../support/without_disk.ts";
import { textDamages } from "./damage.ts";
import { type DamageOrder, type DamageWord, runDamages } from "./damages.ts";

const start = program<DamageOrder, DamageWord>("damage_reader");

function temporaryFolder(): string {
  const folder = mkdtempSync(join(withoutDisk(), "mailboat-damage-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

test(
  "text that is not UTF-8, in any column of any table, kills no process and stops no other message",
  async () => {
    const folder = temporaryFolder();
    const report = await runDamages({
      start,
      folder,
      seed: 1,
      damages: "texts",
    });
    expect(report.faults).toEqual([]);
    expect(report.judged).toBe(textDamages().length);
  },
  120_000,
);

test(
  "100 damaged databases end in typed errors or messages set aside, never in the end of the process",
  async () => {
    const folder = temporaryFolder();
    const report = await runDamages({ start, folder, seed: 2, damages: 100 });
    expect(report.faults).toEqual([]);
    expect(report.judged).toBe(100);
    expect(report.kinds.error).toBeGreaterThan(10);
    expect(report.kinds["set aside"]).toBeGreaterThan(3);
  },
  120_000,
);

test(
  "a column whose declared type is damaged does not end the process",
  async () => {
    const folder = temporaryFolder();
    const report = await runDamages({ start, folder, seed: 2575, damages: 1 });
    expect(report.faults).toEqual([]);
  },
  60_000,
);
