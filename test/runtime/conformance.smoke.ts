import { afterAll, expect, test } from "vitest";
import { createProjectWithRepository } from "../support/project.ts";
import { read, root } from "../support/source_tree.ts";
import { fileURLToPath } from "node:url";

/** The kit has no runner of its own: the same list runs under those there are. */
const project = createProjectWithRepository();
project.write("conformance.test.mjs", read("test/runtime/conformance.mjs"));
afterAll(() => project.remove());

const tool = fileURLToPath(new URL(".ci/tool.mjs", root));

test("the conformance cases run under node:test", async () => {
  const ended = await project.run("node", "--test", "conformance.test.mjs");
  expect(ended.status, ended.stdout + ended.stderr).toBe(0);
  expect(Number(/^# pass (\d+)$/m.exec(ended.stdout)?.[1])).toBeGreaterThan(
    100,
  );
});

test("the conformance cases run under deno test", async () => {
  const deno = ["deno", "test", "--no-check", "--allow-read=."];
  const ended = await project.run(
    "node",
    tool,
    ...deno,
    "conformance.test.mjs",
  );
  expect(ended.status, ended.stdout + ended.stderr).toBe(0);
  expect(Number(/(\d+) passed/.exec(ended.stdout)?.[1])).toBeGreaterThan(100);
});
