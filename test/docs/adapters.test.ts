/**
 * Each adapter has a page, and each page answers the same questions.
 */

import { expect, test } from "vitest";
import { read, readTree } from "../support/source_tree.ts";

const questions = [
  "Install",
  "Example",
  "Durability",
  "Concurrency",
  "What it cannot do",
  "Deno permissions",
];

/** What has a page of another kind. */
const others = [".", "./drizzle/schema"];

const { exports } = JSON.parse(read("deno.json")) as {
  exports: Record<string, string>;
};
const expected = Object.keys(exports)
  .filter((subpath) => !others.includes(subpath))
  .map((subpath) => subpath === "./testing" ? "./memory" : subpath)
  .map((subpath) => `docs/adapters/${subpath.slice(2).replace("/", "-")}.md`);

test("there is a page for each entry point, and no other", () => {
  const pages = [...readTree().keys()]
    .filter((path) => path.startsWith("docs/adapters/"));
  expect(pages.sort()).toEqual(expected.sort());
});

test.each(expected)("%s answers every question, in order", (path) => {
  const headings = [...read(path).matchAll(/^## (.*)$/gm)]
    .map(([, heading = ""]) => heading);
  expect(headings.filter((one) => questions.includes(one))).toEqual(questions);
  const sections = read(path).split(/^## .*$/m).slice(1);
  expect(sections.every((section) => section.trim() !== "")).toBe(true);
});

test.each(expected)("%s has an example that is compiled", (path) => {
  expect(read(path)).toMatch(/^```ts(?: continued)?$/m);
});
