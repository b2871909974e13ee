/**
 * The plan of a simulation: which faults a seed brings, and how often.
 *
 * Each seed enables a random part of them (a swarm): some situations are only
 * reached when other faults are absent.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";

/** Everything a seed decides before it starts. Probabilities are 0 to 1, times in ms. */
export interface Plan {
  readonly relays: number;
  readonly keys: number;
  readonly transactions: number;
  readonly chaosMs: number;
  readonly window: number;
  readonly leaseMs: number;
  readonly readBatch: number;
  readonly laneDepth: number;
  readonly scanRows: number;
  readonly hints: boolean;
  readonly settleBatch: number;
  readonly maxSetAside: number;
  readonly arriveMs: number;
  readonly acknowledgeMs: number;
  /** Faults per second of chaos, by kind. */
  readonly rates: Readonly<Record<FaultKind, number>>;
  readonly storeFailure: number;
  readonly storeBusy: number;
  readonly refuse: number;
  readonly poison: number;
  readonly defer: number;
  readonly loseAck: number;
  readonly skip: number;
}

/** What can go wrong with the world. */
export type FaultKind =
  | "kill"
  | "pause"
  | "stop"
  | "outage"
  | "cut"
  | "hang"
  | "clock"
  | "operator";

/** Draws the plan of a seed. */
export function drawPlan(random: SeededRandom): Plan {
  const enabled = (probability: number, low: number, high: number) =>
    random.chance(probability) ? low + random.fraction() * (high - low) : 0;
  const leaseMs = random.pick([300, 1_000, 5_000]);
  return {
    relays: random.integer(1, 3),
    keys: random.integer(1, 6),
    transactions: random.integer(1, 60),
    chaosMs: random.pick([2_000, 5_000, 20_000, 200_000]),
    window: random.pick([1, 2, 8, 64]),
    leaseMs,
    readBatch: random.pick([1, 3, 16, 256]),
    laneDepth: random.pick([1, 2, 5, 64]),
    scanRows: random.pick([2, 10, 1_000]),
    hints: random.chance(0.7),
    settleBatch: random.pick([1, 4, 256]),
    maxSetAside: random.pick([2, 10, 10_000]),
    arriveMs: random.pick([0, 1, 20, 200]),
    acknowledgeMs: random.pick([0, 1, 20, 400]),
    rates: {
      kill: enabled(0.5, 0.05, 2),
      pause: enabled(0.4, 0.05, 1),
      stop: enabled(0.3, 0.05, 1),
      outage: enabled(0.4, 0.02, 0.5),
      cut: enabled(0.5, 0.05, 3),
      hang: enabled(0.3, 0.02, 0.5),
      clock: enabled(0.3, 0.05, 1),
      operator: enabled(0.6, 0.1, 1),
    },
    storeFailure: enabled(0.3, 0.005, 0.3),
    storeBusy: enabled(0.3, 0.01, 0.5),
    refuse: enabled(0.4, 0.01, 0.3),
    poison: enabled(0.3, 0.01, 0.1),
    defer: enabled(0.2, 0.01, 0.1),
    loseAck: enabled(0.3, 0.005, 0.1),
    skip: enabled(0.3, 0.1, 0.9),
  };
}
