import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { createProjectWithRepository } from "../support/project.ts";
import { read, root } from "../support/source_tree.ts";

/** The kit has no runner of its own: the same list runs under those there are. */
const project = createProjectWithRepository();
project.write("conformance.mjs", read("test/runtime/conformance.mjs"));
afterAll(() => project.remove());

const tool = ["node", fileURLToPath(new URL(".ci/tool.mjs", root))] as const;
const vitest = "node_modules/vitest/vitest.mjs";

/** Where a runner has its `test`, how it is called, and how it says what passed. */
const runners = {
  "vitest": {
    from: "vitest",
    command: [
      "node",
      vitest,
      "run",
      "--root=.",
      "--reporter=json",
      "--testTimeout=60000",
    ],
    passed: /"numPassedTests":(\d+)/,
  },
  "node:test": {
    from: "node:test",
    command: ["node", "--test", "conformance.test.mjs"],
    passed: /^# pass (\d+)$/m,
  },
  "deno test": {
    from: "node:test",
    command: [...tool, "deno", "test", "--no-check", "--allow-read=."],
    passed: /(\d+) passed/,
  },
  "bun test": {
    from: "bun:test",
    command: [...tool, "bun", "test", "--timeout=60000"],
    passed: /^ *(\d+) pass$/m,
  },
} as const;

const counts: number[] = [];

test.each(Object.entries(runners))(
  "the conformance cases run under %s",
  async (_, { from, command, passed }) => {
    project.write("conformance.test.mjs", listedFor(from));
    const [program, ...args] = command;
    const { status, stdout, stderr } = await project.run(program, ...args);
    expect(status, stdout + stderr).toBe(0);
    counts.push(Number(passed.exec(stdout + stderr)?.[1]));
    expect(counts.at(-1)).toBeGreaterThan(100);
  },
);

test("every runner runs as many cases", () => {
  expect(counts).toHaveLength(Object.keys(runners).length);
  expect(new Set(counts).size).toBe(1);
});

function listedFor(from: string): string {
  return `
import { test } from "${from}";
import { cases } from "./conformance.mjs";
for (const { name, run } of cases) test(name, run);
`;
}
