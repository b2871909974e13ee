/**
 * Waiting for something that happens outside of the test's control.
 *
 * @module
 */

import { setTimeout as pause } from "node:timers/promises";

const LIMIT_MS = 10_000;

/** Resolves when the condition holds; fails when it does not in time. */
export async function eventually(
  condition: () => boolean | Promise<boolean>,
  what: string,
): Promise<void> {
  const deadlineMs = performance.now() + LIMIT_MS;
  while (!await condition()) {
    if (performance.now() > deadlineMs) throw new Error(`Never came: ${what}`);
    await pause(2);
  }
}
