/**
 * The pace at which a process with nothing to do is watched.
 *
 * @module
 */

import type { IdleOrder } from "./programs/idle.ts";

/** For how long, and how often. */
export type IdlePace = Pick<
  IdleOrder,
  "leaseMs" | "restMs" | "watchMs" | "times"
>;

/** With the default lease, which has lapsed when the rest is over. */
export const FULL_PACE: IdlePace = {
  leaseMs: 15_000,
  restMs: 25_000,
  watchMs: 10_000,
  times: 5,
};

/** How long all of it takes, in seconds. */
export function secondsAt({ restMs, watchMs, times }: IdlePace): number {
  return (restMs + watchMs * times) / 1_000;
}
