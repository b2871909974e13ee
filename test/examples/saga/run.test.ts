import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../../support/project.ts";
import { root } from "../../support/source_tree.ts";

const repository = fileURLToPath(root);
const program = "dist/examples/saga/main.js";
/** More than `run` allows a program. */
const TIME_LIMIT_MS = 125_000;

function saga(...args: readonly string[]) {
  expect(existsSync(new URL(program, root)), "npm run build first").toBe(true);
  return run(repository, process.execPath, [program, ...args]);
}

test("the databases agree on every order, whoever is killed", async () => {
  const { status, stdout, stderr } = await saga(
    ...["--json", "--orders", "40", "--seed", "1"],
  );
  expect(status, stdout + stderr).toBe(0);
  const report = JSON.parse(stdout) as Record<string, number>;
  expect(Object.keys(report)).toEqual([
    "orders",
    "completed",
    "compensated",
    "inconsistent",
    "kills",
  ]);
  expect(report).toMatchObject({ orders: 40, inconsistent: 0 });
  expect(report["completed"]! + report["compensated"]!).toBe(40);
  expect(report["completed"]).toBeGreaterThan(0);
  expect(report["compensated"]).toBeGreaterThan(0);
  expect(report["kills"]).toBeGreaterThanOrEqual(3);
}, TIME_LIMIT_MS);

test("a bad option is one clear line and exit code 2", async () => {
  const { status, stdout, stderr } = await saga("--orders", "0");
  expect({ status, stdout, stderr }).toEqual({
    status: 2,
    stdout: "",
    stderr: "--orders must be at least 1 (--help shows the options)\n",
  });
});

test(
  "a broker that is not there is said before anything is killed",
  async () => {
    const { status, stdout, stderr } = await saga(
      ...["--json", "--mqtt-url", "mqtt://127.0.0.1:1"],
    );
    expect(status, stderr).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toMatch(/^The saga cannot begin: .*ECONNREFUSED.*\n$/);
  },
  TIME_LIMIT_MS,
);
