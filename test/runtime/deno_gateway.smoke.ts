import { rmSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { run } from "../support/project.ts";
import { read, root } from "../support/source_tree.ts";

const task: string = JSON.parse(read("deno.json")).tasks["example:gateway"];

beforeAll(() => {
  const data = new URL("examples/deno_gateway/data", root);
  rmSync(data, { recursive: true, force: true });
});

/** What arrived, by meter: the numbers of its rounds, each where it came first. */
async function roundsOfRun(): Promise<Record<string, number[]>> {
  const { status, stdout, stderr } = await run(
    fileURLToPath(root),
    "node",
    [".ci/tool.mjs", "deno", "task", "--quiet", "example:gateway"],
  );
  expect(status, stdout + stderr).toBe(0);
  const rounds: Record<string, Set<number>> = {};
  for (const line of stdout.trim().split("\n")) {
    const [, meter, round] = /^(m-\d), round (\d+): [\d.]+ kWh$/.exec(line)!;
    (rounds[meter!] ??= new Set()).add(Number(round));
  }
  return Object.fromEntries(
    Object.entries(rounds).map(([meter, found]) => [meter, [...found]]),
  );
}

function roundsFrom(first: number): Record<string, number[]> {
  const rounds = Array.from({ length: 10 }, (_, at) => first + at);
  return { "m-1": rounds, "m-2": rounds, "m-3": rounds };
}

test("the gateway on Deno delivers every round in order, and goes on counting", async () => {
  expect(await roundsOfRun()).toEqual(roundsFrom(1));
  expect(await roundsOfRun()).toEqual(roundsFrom(11));
});

test("it stays in its sandbox: one folder, and this machine's network", () => {
  expect(task.match(/-\S+/g)).toEqual([
    "--allow-read=examples/deno_gateway/data",
    "--allow-write=examples/deno_gateway/data",
    "--allow-env",
    "--allow-net=127.0.0.1",
  ]);
  const shown = read("examples/deno_gateway/README.md").replace(/\\\n */g, "");
  expect(shown).toContain(task);
});
