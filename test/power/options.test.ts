/**
 * The command line of the power cuts.
 */

import { expect, test } from "vitest";
import { UsageError } from "../support/command_line.ts";
import { readOptions } from "./options.ts";

const read = (...args: string[]) => readOptions(args, 7);

test("without arguments some power cuts are replayed at both levels", () => {
  expect(read()).toMatchObject({ states: 500, cuts: 0, seed: 7, json: false });
  expect(read().levels.map(({ name }) => name)).toEqual(["FULL", "NORMAL"]);
});

test("what is asked for is what is done", () => {
  expect(read("--cuts", "3")).toMatchObject({ states: 0, cuts: 3 });
  expect(read("--states", "9", "--cuts", "3", "--seed", "1", "--json"))
    .toMatchObject({ states: 9, cuts: 3, seed: 1, json: true });
  expect(read("--synchronous", "normal").levels.map(({ name }) => name))
    .toEqual(["NORMAL"]);
});

test.each([
  [["--states", "-1"], "--states"],
  [
    ["--states", "many"],
    '--states must be a whole number from 0 to 1000000: current value is "many"',
  ],
  [["--states", "1.5"], "--states"],
  [["--states", "1000001"], "--states"],
  [["--cuts", ""], "--cuts"],
  [["--cuts", "0"], "--states or --cuts must be at least 1"],
  [["--seed", "1e3"], "--seed"],
  [["--seed", "99999999999"], "--seed"],
  [
    ["--synchronous", "off"],
    '--synchronous must be full or normal: current value is "off"',
  ],
  [["--hurry"], "--hurry"],
  [["now"], "now"],
])("%j is refused", (args, reason) => {
  expect(() => read(...args)).toThrow(UsageError);
  expect(() => read(...args)).toThrow(reason);
});
