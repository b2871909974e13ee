/**
 * What a chaos run makes of its command line.
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readOptions } from "./options.ts";

test("without options it runs for two minutes with the seed that was drawn", () => {
  expect(readOptions([], 7)).toMatchObject({
    minutes: 2,
    seed: 7,
    historyPath: undefined,
    judgePath: undefined,
    control: undefined,
    json: false,
  });
});

test("options are taken as they are given", () => {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-options-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const historyPath = join(folder, "history.jsonl");
  const args = ["--minutes", "0.5", "--seed", "42", "--json"];
  args.push("--history", historyPath, "--control", "no-fence");
  expect(readOptions(args, 7)).toMatchObject({
    minutes: 0.5,
    seed: 42,
    historyPath,
    control: "no-fence",
    json: true,
  });
});

test.for([
  ["--minutes", "0"],
  ["--minutes", "-1"],
  ["--minutes", "1e3"],
  ["--minutes", "100000"],
  ["--minutes", "ten"],
  ["--minutes", ""],
  ["--seed", "1.5"],
  ["--seed", "-1"],
  ["--seed", "99999999999999999999"],
  ["--seed", "today"],
  ["--control", "nothing"],
  ["--history", ""],
  ["--history", "/"],
  ["--history", "/nowhere/at/all.jsonl"],
  ["--judge", "/nowhere.jsonl"],
  ["--judge", "/"],
])("%s %s is refused with what must be and what was found", ([name, value]) => {
  const found = new RegExp(`^Cannot run as ${name} must be .+: current value`);
  expect(() => readOptions([`${name}=${value}`], 7)).toThrow(found);
});

test("an option that is not known is refused", () => {
  expect(() => readOptions(["--hours", "1"], 7)).toThrow("--hours");
});
