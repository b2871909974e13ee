import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../support/project.ts";
import { root } from "../support/source_tree.ts";

const repository = fileURLToPath(root);
const seconds = ["--seconds", "8", "--json"];

/** The verdict: the last line that the example prints. */
async function verdictOf(command: string, ...args: readonly string[]) {
  const { status, stdout, stderr } = await run(repository, command, args);
  expect(status, stdout + stderr).toBe(0);
  const line = stdout.trim().split("\n").at(-1)!;
  console.log(line);
  return JSON.parse(line) as Record<string, number>;
}

function expectKept(verdict: Record<string, number>): void {
  expect(verdict).toMatchObject({ lost: 0, phantom: 0, reordered: 0 });
  expect(verdict["committed"]).toBeGreaterThan(0);
  expect(verdict["delivered"]).toBeGreaterThanOrEqual(verdict["committed"]!);
  expect(verdict["duplicates"]).toBeGreaterThanOrEqual(0);
  expect(verdict["relayKills"]).toBeGreaterThan(0);
  expect(verdict["brokerOutages"]).toBeGreaterThan(0);
  expect(verdict["p50Ms"]).toBeGreaterThan(0);
  expect(verdict["p99Ms"]).toBeGreaterThanOrEqual(verdict["p50Ms"]!);
}

test("the example keeps its promises on Node while it is being broken", async () => {
  expectKept(await verdictOf("npm", "start", "--", ...seconds));
});

test("the example keeps its promises on Deno, with the documented permissions", async () => {
  const deno = [".ci/tool.mjs", "deno", "task", "--quiet", "gateway"];
  expectKept(await verdictOf("node", ...deno, ...seconds));
});
