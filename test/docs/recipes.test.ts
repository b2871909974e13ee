/**
 * Programs in the recipes that say they are run, are: `ts run`.
 */

import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { createProjectWithRepository } from "../support/project.ts";
import { programsOf } from "../support/snippets.ts";
import { readTree, root } from "../support/source_tree.ts";

const tsc = fileURLToPath(new URL("node_modules/.bin/tsc", root));

const programs = [...readTree()]
  .filter(([path]) => /^docs\/recipes\/.*\.md$/.test(path))
  .flatMap(([path, text]) => programsOf(path, text))
  .filter(({ words }) => words.includes("run"));

test("there is one that tests a service", () => {
  expect(programs.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^docs_recipes_testing_md_/),
  ]);
});

test.each(programs)("$name passes", async ({ name, code }) => {
  const project = createProjectWithRepository();
  try {
    project.write(`${name}.ts`, code);
    project.write(
      "tsconfig.json",
      JSON.stringify({
        extends: fileURLToPath(new URL("tsconfig.json", root)),
        compilerOptions: {
          rootDir: ".",
          outDir: "js",
          paths: {},
          declaration: false,
          isolatedDeclarations: false,
        },
        include: ["*.ts"],
      }),
    );
    expect((await project.run(tsc, "-p", ".")).stdout).toBe("");
    const ended = await project.run(
      "node",
      "--test",
      "--test-reporter=tap",
      `js/${name}.js`,
    );
    expect(ended.stdout).toMatch(/^# fail 0$/m);
    expect(ended.stdout).toMatch(/^# pass [1-9]/m);
    expect(ended.status).toBe(0);
  } finally {
    project.remove();
  }
});
