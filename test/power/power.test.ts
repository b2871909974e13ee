/**
 * The whole rig in small: processes that are recorded, and disks that a power
 * cut has left, opened by the product.
 */

import { spawnSync } from "node:child_process";
import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { run } from "../support/project.ts";
import { root } from "../support/source_tree.ts";

const here = fileURLToPath(root);
/** Its own, as others read `dist` meanwhile. */
const output = `dist/power-${process.pid}`;
const power = (...args: string[]) =>
  run(here, "node", [`${output}/test/power/main.js`, ...args]);

/** What the recorder needs; the gate has it. */
const isPossible = Boolean(process.env["CI"]) ||
  (process.platform === "linux" && spawnSync("cc", ["--version"]).status === 0);

beforeAll(async () => {
  const compiler = "node_modules/typescript/bin/tsc";
  const args = [compiler, "-p", "test/power", "--outDir", output];
  const { status, stdout } = await run(here, "node", args);
  expect(stdout).toBe("");
  expect(status).toBe(0);
});
afterAll(() => rmSync(`${here}/${output}`, { recursive: true, force: true }));

test.skipIf(!isPossible)(
  "no power cut breaks a promise, and the controls do",
  { timeout: 120_000 },
  async () => {
    const { status, stdout, stderr } = await power("--states", "50", "--json");
    expect(stderr).toBe("");
    const { ok, series } = JSON.parse(stdout) as {
      ok: boolean;
      series: { control: boolean; cuts: number; guilty: number }[];
    };
    expect(series.map(({ control, guilty }) => control === guilty > 0))
      .toEqual([true, true, true, true]);
    expect(series.slice(0, 2).map(({ cuts }) => cuts)).toEqual([50, 50]);
    expect([ok, status]).toEqual([true, 0]);
  },
);

test("a command line that makes no sense ends with 2 and says why", async () => {
  const { status, stdout, stderr } = await power("--states", "some");
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toBe(
    "Cannot cut the power as --states must be a whole number from 0 to " +
      '1000000: current value is "some"\n',
  );
});
