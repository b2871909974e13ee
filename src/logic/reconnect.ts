/**
 * Reconnecting: how long to wait before the next try to connect.
 *
 * @module
 */

import type { Advice } from "../advice.ts";
import { fullJitter } from "./retry.ts";

/** What the wait depends on. */
export interface Setback {
  /** What the failure asks for. */
  readonly advice: Advice;
  /** Failures since the broker last answered for a message; at least 1. */
  readonly tries: number;
  readonly baseMs: number;
  readonly capMs: number;
  /** The longest wait where only time or people help. */
  readonly slowMs: number;
  /** A random number in [0, 1). */
  readonly random: number;
}

/**
 * The wait, in whole ms. Whoever is told to come at once, and achieves nothing,
 * waits like everybody else the next time.
 */
export function reconnectWaitMs(setback: Setback): number {
  const { advice, tries, baseMs, capMs, slowMs, random } = setback;
  switch (advice) {
    case "at-once":
      if (tries === 1) return 0;
      break;
    case "slow":
    case "config":
      // Not all at the same time: a fleet has the same trouble.
      return Math.floor(slowMs / 2 * (1 + random));
  }
  return fullJitter({ attempts: tries, baseMs, capMs, random });
}
