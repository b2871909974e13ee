import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { describe, expect, onTestFinished, test } from "vitest";
import { parseArguments } from "./arguments.ts";

describe("the arguments of a simulation", () => {
  test("nothing means a thousand seeds from the first on", () => {
    const { seeds, first, without, exhaustive } = parseArguments([]);
    expect({ seeds, first, without, exhaustive })
      .toEqual({ seeds: 1_000, first: 1, without: [], exhaustive: false });
  });

  test("each can be given", () => {
    const line = "--seeds 5 --first 7 --workers 2 --without kill,pause";
    expect(parseArguments(line.split(" "))).toMatchObject({
      seeds: 5,
      first: 7,
      workers: 2,
      without: ["kill", "pause"],
    });
    expect(parseArguments(["--exhaustive"]).exhaustive).toBe(true);
  });

  test.each([
    "--seeds 0",
    "--seeds -1",
    "--seeds 1.5",
    "--seeds 1e3",
    "--seeds many",
    "--seeds",
    "--seeds=",
    "--first 0",
    "--first 9007199254740991 --seeds 2",
    "--first 99999999999999999999",
    "--workers 0",
    "--workers 65",
    "--without kill,everything",
    "--minutes 3",
    "500",
  ])("%s is refused", (line) => {
    expect(() => parseArguments(line.split(" "))).toThrow();
  });

  test("what is wrong is told with its bound and its value", () => {
    expect(() => parseArguments(["--workers", "65"])).toThrow(
      'Cannot simulate as --workers must be a whole number from 1 to 64: current value is "65"',
    );
  });
});

test("nonsense on the command line ends with exit code 2 and one line that says why", async () => {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-simulate-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  await build({
    configFile: fileURLToPath(new URL("../vitest.config.ts", import.meta.url)),
    logLevel: "silent",
    build: {
      ssr: fileURLToPath(new URL("main.ts", import.meta.url)),
      outDir: folder,
      rollupOptions: { output: { entryFileNames: "main.mjs" } },
    },
  });
  for (const line of ["--seeds none", "--first 0", "--minutes 3"]) {
    const main = join(folder, "main.mjs");
    const { status, stderr, stdout } = spawnSync(
      process.execPath,
      [main, ...line.split(" ")],
      { encoding: "utf8", timeout: 20_000 },
    );
    expect({ line, status, stdout }).toEqual({ line, status: 2, stdout: "" });
    expect(stderr.trim()).toMatch(/^[^\n]+$/);
  }
});
