import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../support/project.ts";
import { root } from "../support/source_tree.ts";

test("the sensor on Bun keeps what it cannot send, and sends it in order", async () => {
  const { status, stdout, stderr } = await run(
    fileURLToPath(root),
    "node",
    [".ci/tool.mjs", "bun", "examples/bun_sensor/main.ts"],
  );
  expect(status, stdout + stderr).toBe(0);
  const lines = stdout.trim().split("\n");
  expect(lines.filter((line) => line.startsWith("awake"))).toEqual([
    "awake: 5 sent, then empty",
    "awake: 0 sent, then unavailable",
    "awake: 10 sent, then empty",
  ]);
  const arrived = lines.map((line) => /^arrived: (\d+),/.exec(line))
    .flatMap((found) => found === null ? [] : [Number(found[1])]);
  expect(arrived).toEqual(
    Array.from({ length: 15 }, (_, at) => at + 1),
  );
});
