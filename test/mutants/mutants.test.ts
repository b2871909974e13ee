/**
 * The table of mutants fits the code that it is about to break.
 */

import { existsSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { read, root } from "../support/source_tree.ts";
import { GUARANTEES, mutated, type Mutation } from "./mutant.ts";
import { settingsOf } from "./settings.ts";
import { mutants } from "./table.ts";

const LEAST = 25;
const LEAST_EACH = 2;

const sample: Mutation = {
  name: "nothing is added",
  file: "src/a.ts",
  find: "a + b",
  replace: "a",
  killedBy: ["test/a.test.ts"],
};

describe("the table", () => {
  test("changes one place of the code with each mutant", () => {
    for (const mutant of mutants) {
      const text = read(mutant.file);
      expect(mutated(text, mutant), mutant.name).not.toBe(text);
    }
  });

  test("names tests that there are", () => {
    for (const { name, killedBy } of mutants) {
      expect(killedBy, name).not.toEqual([]);
      for (const file of killedBy) {
        expect(existsSync(new URL(file, root)), file).toBe(true);
      }
    }
  });

  test("has mutants of every guarantee, each under a name of its own", () => {
    expect(mutants.length).toBeGreaterThanOrEqual(LEAST);
    for (const guarantee of GUARANTEES) {
      const its = mutants.filter((mutant) => mutant.guarantee === guarantee);
      expect(its.length, guarantee).toBeGreaterThanOrEqual(LEAST_EACH);
    }
    expect(new Set(mutants.map(({ name }) => name)).size)
      .toBe(mutants.length);
  });
});

describe("a mutation", () => {
  test("replaces its text, and nothing else", () => {
    expect(mutated("return a + b;", sample)).toBe("return a;");
    const special = { ...sample, replace: "$&$1" };
    expect(mutated("return a + b;", special)).toBe("return $&$1;");
  });

  test.each(["return a - b;", "return a + b + a + b;"])(
    "of %s, where its text is not or not once, is refused",
    (text) => {
      expect(() => mutated(text, sample)).toThrow(
        'Cannot mutate src/a.ts as "nothing is added" must find its text exactly once',
      );
    },
  );
});

describe("the arguments", () => {
  const all = [
    { ...sample, guarantee: "G1" },
    { ...sample, guarantee: "G2", name: "other" },
    { ...sample, guarantee: "G2", name: "third" },
  ] as const;
  const chosen = (...args: string[]) =>
    settingsOf(args, all).mutants.map(({ name }) => name);

  test("choose by guarantee and by name, in the order of the table", () => {
    expect(chosen()).toEqual(["nothing is added", "other", "third"]);
    expect(chosen("--only", "G2")).toEqual(["other", "third"]);
    expect(chosen("--only", "third", "--only", "nothing is added"))
      .toEqual(["nothing is added", "third"]);
  });

  test("that make no sense are refused", () => {
    for (
      const args of [
        ["--only", "G0"],
        ["--only", ""],
        ["--only"],
        ["--seeds", "1"],
        ["G1"],
      ]
    ) {
      expect(() => settingsOf(args, all), args.join(" ")).toThrow();
    }
  });
});
