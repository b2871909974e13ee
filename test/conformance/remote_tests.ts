/**
 * Cases on a libSQL server, as tests.
 *
 * @module
 */

import type { ConformanceCase } from "@mailboat/outbox/testing";
import { test } from "vitest";

/** A server is slower than a file, and each case has one of its own. */
const PATIENCE_MS = 300_000;

/**
 * Makes a test of each case. They run while others do, as many wait until their
 * server takes a lock; but what is killed at points of time is alone.
 */
export function testCases(cases: readonly ConformanceCase[]): void {
  for (const { name, run } of cases) {
    const concurrent = !/killed at any time|meanwhile/.test(name);
    test(name, { timeout: PATIENCE_MS, concurrent }, run);
  }
}
