/**
 * Measures for how long the event loop of this process was kept by the
 * process itself: what it waited for a processor is not its own doing.
 *
 * @module
 */

import { openSync, readSync } from "node:fs";

/** What was measured, in ms. */
export interface LoopFigures {
  /** How often it was looked. */
  readonly looks: number;
  /**
   * The longest times without a turn, less what was spent waiting for a
   * processor; longest first.
   */
  readonly blockedMs: readonly number[];
}

const KEPT = 10;

/** Looks every millisecond; returns what tells the figures. */
export function startLoopMeter(): () => LoopFigures {
  const waitedMs = processorWait();
  let last = { atMs: performance.now(), waitedMs: waitedMs() };
  let looks = 0;
  let blockedMs: number[] = [];
  setInterval(() => {
    const now = { atMs: performance.now(), waitedMs: waitedMs() };
    const ownMs = now.atMs - last.atMs - (now.waitedMs - last.waitedMs);
    looks += 1;
    blockedMs = [...blockedMs, ownMs].sort((a, b) => b - a).slice(0, KEPT);
    last = now;
  }, 1).unref();
  return () => ({ looks, blockedMs });
}

/** How long the main thread has waited for a processor; 0 where nobody tells. */
function processorWait(): () => number {
  try {
    const file = openSync("/proc/self/schedstat", "r");
    const bytes = new Uint8Array(128);
    return () => {
      const { [1]: waitedNs } = new TextDecoder()
        .decode(bytes.subarray(0, readSync(file, bytes, 0, 128, 0)))
        .split(" ");
      return Number(waitedNs) / 1e6;
    };
  } catch {
    return () => 0;
  }
}
