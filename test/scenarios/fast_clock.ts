/**
 * A clock that runs fast, so that minutes of waiting pass while a message
 * crosses the loopback interface.
 *
 * @module
 */

import { type Clock, systemClock } from "@mailboat/outbox";

/** Creates a clock on which `factor` seconds pass in one. */
export function fastClock(factor: number): Clock {
  const real = systemClock();
  const startMs = real.nowMs();
  const beganMs = real.monotonicMs();
  const passedMs = () => (real.monotonicMs() - beganMs) * factor;
  return {
    nowMs: () => startMs + passedMs(),
    monotonicMs: passedMs,
    sleep: (ms, signal) => real.sleep(Math.ceil(ms / factor), signal),
    turn: () => real.turn(),
  };
}
