/**
 * The matrix says what was run, and fails when something did.
 */

import { describe, expect, test } from "vitest";
import { markedPart } from "../support/marked_part.ts";
import { read } from "../support/source_tree.ts";
import { entries, entryOf, moduleOf } from "./entries.ts";
import { readOptions } from "./options.ts";
import { type Permissions, permissions } from "./permissions.ts";
import { rows } from "./rows.ts";
import { columns, matrixTable, permissionsTable, whatRuns } from "./table.ts";
import { failed, figuresOf, tallyOf } from "./tally.ts";

const subpaths = Object.keys(
  JSON.parse(read("package.json")).exports as Record<string, unknown>,
);

describe("the rows", () => {
  test("run every entry that there is, somewhere", () => {
    const run = new Set(rows.flatMap(({ entries }) => entries));
    expect([...run].sort()).toEqual(Object.keys(entries).sort());
  });

  test("run every adapter, under the name of its entry point", () => {
    const others = [".", "./testing", "./package.json", "./drizzle/schema"];
    const adapters = subpaths.filter((subpath) => !others.includes(subpath));
    const missing = adapters.filter((it) => !(entryOf(it) in entries));
    expect(missing).toEqual([]);
  });

  test("allow what is an adapter, and has a module to try it with", () => {
    for (const adapter of Object.keys(permissions)) {
      expect(subpaths).toContain(adapter);
      const name = moduleOf(entryOf(adapter));
      const module = read(`test/runtime/permitted/${name}.mjs`);
      expect(module).toContain(`@mailboat/outbox/${adapter.slice(2)}"`);
    }
  });
});

describe("the README", () => {
  const readme = read("README.md");

  test("has the row of every runtime, as a run has written it", () => {
    const [head, , ...lines] = markedPart(readme, "matrix").split("\n")
      .map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
    expect(head).toEqual(columns);
    expect(lines.map(([title, , ran]) => [title, ran])).toEqual(
      rows.map((row) => [row.title, whatRuns(row)]),
    );
    for (const [index, { version }] of rows.entries()) {
      const [, its, , cases, passed, failed] = lines[index]!;
      expect(its!.startsWith(version), its).toBe(true);
      expect(Number(cases)).toBeGreaterThan(0);
      expect([passed, failed]).toEqual([cases, "0"]);
    }
  });

  test("has the permissions that were tried", () => {
    expect(markedPart(readme, "permissions")).toBe(permissionsTable());
  });
});

describe("the page of an adapter", () => {
  /** Whose value is the reader's own: an address, a file. */
  const theirs = /^--allow-(net|read|write)=/;

  test.each(Object.entries<Permissions>(permissions))(
    "of %s names the same permissions",
    (adapter, { flags, watching }) => {
      const page = read(`docs/adapters/${entryOf(adapter)}.md`);
      for (const flag of watching ? [...flags, watching] : flags) {
        const [name] = flag.split("=");
        expect(page).toContain(theirs.test(flag) ? `${name}=` : flag);
      }
    },
  );
});

describe("a command line", () => {
  test("means all runtimes, or those it names, in the order of the table", () => {
    expect(readOptions([], rows)).toEqual({
      rows,
      json: false,
      write: false,
      help: false,
    });
    const { rows: some, json } = readOptions(["bun", "deno", "--json"], rows);
    expect(some.map(({ runtime }) => runtime)).toEqual(["deno", "bun"]);
    expect(json).toBe(true);
  });

  test("with a runtime that is none is told what there is", () => {
    expect(() => readOptions(["node-19"], rows)).toThrow(
      'Cannot run "node-19" as the runtimes are node-20, node-22, node-24, ' +
        "node-26, deno, bun, workerd",
    );
    expect(() => readOptions(["--fast"], rows)).toThrow("--fast");
  });

  test("cannot publish a part as the whole", () => {
    expect(() => readOptions(["deno", "--write"], rows)).toThrow(
      "Cannot write the tables as only some of the runtimes are asked for",
    );
  });
});

describe("a tally", () => {
  const [row] = rows;
  const lines = (...all: readonly object[]) =>
    all.map((line) => JSON.stringify(line)).join("\n");
  const begun = { cases: 2, version: "20.19.6" };
  const passed = { name: "a", error: null };

  test("counts what passed and what failed", () => {
    const stdout = lines(begun, passed, { name: "b", error: "not so" });
    const tally = tallyOf({ status: 0, stdout, stderr: "" });
    expect(tally).toEqual({ ...begun, passed: 1, failures: ["b: not so"] });
    const figures = figuresOf({ row: row!, tallies: [tally] });
    expect(figures).toEqual({
      runtime: "node-20",
      version: "20.19.6",
      cases: 2,
      passed: 1,
      failed: 1,
    });
  });

  test("of a process that died counts what it did not come to", () => {
    const stdout = lines({ cases: 7, version: "20.19.6" }, passed);
    const tally = tallyOf({ status: null, stdout, stderr: "killed" });
    expect(figuresOf({ row: row!, tallies: [tally] }))
      .toMatchObject({ cases: 7, passed: 1, failed: 6 });
    expect(tally.failures.join()).toContain("killed");
  });

  test("of a process that never began is a failure", () => {
    const tally = tallyOf({ status: 1, stdout: "", stderr: "no such file" });
    expect(figuresOf({ row: row!, tallies: [tally] }))
      .toMatchObject({ version: "", cases: 1, passed: 0, failed: 1 });
  });

  test("with a failure outside of the cases is no success", () => {
    const all = lines(begun, passed, { ...passed, name: "b" });
    const tally = tallyOf({ status: 0, stdout: all, stderr: "" });
    expect(figuresOf({ row: row!, tallies: [tally] }).failed).toBe(0);
    const wrong = failed(tally, "it is another runtime");
    expect(figuresOf({ row: row!, tallies: [wrong] }).failed).toBe(1);
  });

  test("is missing where a runtime was skipped, which the table shows", () => {
    const result = { row: row!, skipped: "no such package" };
    expect(figuresOf(result)).toMatchObject({
      cases: 0,
      skipped: "no such package",
    });
    expect(matrixTable([result])).toMatch(/\| Node 20.19 +\| skipped \|/);
  });
});
