/**
 * The faults: what is broken, when, and for how long.
 *
 * @module
 */

import { systemClock } from "@mailboat/outbox";
import type { Disturbance } from "./latency.ts";
import { wallClockMs } from "./wall_clock.ts";

/** What can go wrong. */
export type FaultKind = "relay kill" | "broker outage";

/** One thing that goes wrong, and is put right again. */
export interface Fault {
  readonly kind: FaultKind;
  /** When, in ms after the start. */
  readonly atMs: number;
  /** How long nothing is done about it, in ms. */
  readonly forMs: number;
}

/** How to break each thing, and how to put it right. */
export type Levers = Readonly<
  Record<FaultKind, { breakIt(): Promise<void>; mendIt(): void }>
>;

/** A fault that has happened. */
export interface FaultRecord extends Disturbance {
  readonly kind: FaultKind;
}

const LONGEST_PERIOD_MS = 15_000;

/** The time between two faults, in ms: a quarter of the run, at most 15 s. */
export function faultPeriodMs(seconds: number): number {
  return Math.min((seconds * 1_000) / 4, LONGEST_PERIOD_MS);
}

/**
 * Plans the faults of a run: the relay is killed, the broker goes away, and so
 * on in turn. The end stays calm, so that the last recovery can be watched.
 */
export function planFaults(seconds: number): readonly Fault[] {
  const periodMs = faultPeriodMs(seconds);
  const count = Math.floor((seconds * 1_000) / periodMs - 1.5);
  return Array.from({ length: count }, (_, at) => {
    const atMs = periodMs * (at + 1);
    return at % 2 === 0
      ? { kind: "relay kill", atMs, forMs: Math.min(500, periodMs / 10) }
      : { kind: "broker outage", atMs, forMs: Math.min(2_000, periodMs * 0.4) };
  });
}

/**
 * Lets the faults happen, one after the other, and resolves with them. When
 * aborted it puts right what is broken and leaves out the rest.
 */
export async function runFaults(
  plan: readonly Fault[],
  { levers, signal }: {
    readonly levers: Levers;
    readonly signal: AbortSignal;
  },
): Promise<readonly FaultRecord[]> {
  const clock = systemClock();
  const startedAtMs = clock.monotonicMs();
  const done: FaultRecord[] = [];
  for (const { kind, atMs, forMs } of plan) {
    await clock.sleep(startedAtMs + atMs - clock.monotonicMs(), signal);
    if (signal.aborted) break;
    await levers[kind].breakIt();
    const brokenAtMs = wallClockMs();
    await clock.sleep(forMs, signal);
    levers[kind].mendIt();
    done.push({ kind, brokenAtMs, mendedAtMs: wallClockMs() });
  }
  return done;
}
