/**
 * The plan of a seed: its setting, which faults it brings, and how often.
 *
 * Each seed enables a random part of them (a swarm): some situations are only
 * reached when other faults are absent. Some seeds have none.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import type { Lifetimes } from "./lifetimes.ts";
import type { Setting } from "./setting.ts";

/** What strikes at an instant rather than an operation. */
export const STRIKES = [
  "kill",
  "powerCut",
  "pause",
  "stop",
  "outage",
  "cut",
  "hang",
  "clock",
  "operator",
] as const;

/** What ends connections, by dice of its own. */
export const ENDING_KINDS = [
  "poisonEnd",
  "poisonSilent",
  "denied",
  "limit",
  "silentCut",
  "alarm",
  "advice",
] as const;

/** What can be left out of a plan, to find out what a failure needs. */
export const FAULT_KINDS = [
  ...STRIKES,
  "storeBefore",
  "storeAfter",
  "storeBusy",
  "storeFull",
  "storeSlow",
  "wireBefore",
  "wireAfter",
  "killInside",
  "pauseInside",
  "refuse",
  "poison",
  "defer",
  "loseAck",
  "killer",
  ...ENDING_KINDS,
] as const;

/** A kind of fault. */
export type FaultKind = typeof FAULT_KINDS[number];

/** Everything a seed decides before it starts. */
export interface Plan {
  readonly setting: Setting;
  readonly keys: number;
  readonly transactions: number;
  readonly chaosMs: number;
  /** The longest that a transaction stays open. */
  readonly holdMs: number;
  /** The part of messages that choose for themselves to be skipped when dead. */
  readonly skip: number;
  /** How long messages live; `null`: for ever. */
  readonly lifetimes: Lifetimes | null;
  /** The dice of what ends connections; `null` where nothing of it happens. */
  readonly endings: SeededRandom | null;
  /** Strikes per second of chaos, or the probability per operation or message; 0 is never. */
  readonly rates: Readonly<Record<FaultKind, number>>;
}

const DAY_MS = 86_400_000;
const CALM_SEEDS = 0.05;
const LONG_SEEDS = 0.01;

/** Draws the plan of a seed, leaving out some kinds of faults. */
export function drawPlan(
  random: SeededRandom,
  without: readonly FaultKind[],
): Plan {
  const isCalm = random.chance(CALM_SEEDS);
  const isLong = random.chance(LONG_SEEDS);
  const chaosMs = isLong
    ? 3 * DAY_MS
    : random.pick([300, 1_000, 3_000, 3_000, 10_000]);
  const enabled = (probability: number, low: number, high: number) => {
    const rate = low * (high / low) ** random.fraction();
    return random.chance(probability) ? rate : 0;
  };
  const drawn: Record<FaultKind, number> = {
    kill: enabled(0.3, 0.2, 3),
    powerCut: enabled(0.1, 0.2, 2),
    pause: enabled(0.3, 0.2, 2),
    stop: enabled(0.2, 0.2, 2),
    outage: enabled(0.3, 0.1, 1),
    cut: enabled(0.3, 0.2, 4),
    hang: enabled(0.2, 0.1, 1),
    clock: enabled(0.2, 0.1, 2),
    operator: enabled(0.5, 0.5, 5),
    storeBefore: enabled(0.15, 0.003, 0.2),
    storeAfter: enabled(0.2, 0.003, 0.2),
    storeBusy: enabled(0.2, 0.01, 0.4),
    storeFull: enabled(0.05, 0.01, 0.3),
    storeSlow: enabled(0.3, 0.05, 1),
    wireBefore: enabled(0.1, 0.003, 0.1),
    wireAfter: enabled(0.15, 0.003, 0.1),
    killInside: enabled(0.2, 0.002, 0.05),
    pauseInside: enabled(0.2, 0.002, 0.05),
    refuse: enabled(0.3, 0.01, 0.4),
    poison: enabled(0.3, 0.01, 0.15),
    defer: enabled(0.15, 0.01, 0.15),
    loseAck: enabled(0.2, 0.005, 0.1),
    killer: enabled(0.1, 0.01, 0.2),
    // Each seed's endings decide.
    poisonEnd: 0,
    poisonSilent: 0,
    denied: 0,
    limit: 0,
    silentCut: 0,
    alarm: 0,
    advice: 0,
  };
  const rates = { ...drawn };
  for (const kind of FAULT_KINDS) {
    if (isCalm || without.includes(kind)) rates[kind] = 0;
  }
  const setting = drawSetting(random, isLong);
  // A relay that only drains takes the wall clock's word for a dead holder.
  if (setting.brief > 0) rates.clock = 0;
  return {
    setting,
    keys: random.pick([1, 2, 3, 6]),
    transactions: random.pick([1, 3, 8, 8, 20]),
    chaosMs,
    holdMs: random.pick([0, 0, 0, 5, 50]),
    skip: random.chance(0.3) ? random.fraction() : 0,
    lifetimes: null,
    endings: null,
    rates,
  };
}

function drawSetting(random: SeededRandom, isLong: boolean): Setting {
  const leaseMs = isLong ? 15_000 : random.pick([300, 1_000, 1_000, 3_000]);
  const relays = random.integer(1, 3);
  return {
    relays,
    brief: random.chance(0.15) ? random.integer(1, relays) : 0,
    order: "strict",
    window: random.pick([1, 2, 8, 64]),
    laneWindow: 64,
    leaseMs,
    pollMs: isLong ? 3_600_000 : random.pick([200, 1_000, 1_000]),
    reconnectCapMs: isLong ? 14_400_000 : random.pick([500, 2_000]),
    slowRetryMs: 2_000,
    retryCapMs: isLong ? 7_200_000 : random.pick([200, 2_000]),
    maxAttempts: random.pick([1, 2, 4]),
    maxDeaths: random.pick([1, 2, 5]),
    readBatch: random.pick([1, 3, 16, 256]),
    laneDepth: random.pick([1, 2, 5, 64]),
    burst: random.pick([1, 3, 64]),
    settleBatch: random.pick([1, 4, 256]),
    settleDelayMs: random.pick([0, 5, 100]),
    settleIdleMs: 0,
    maxSetAside: random.pick([2, 10, 10_000]),
    keepDeliveredMs: random.pick([0, 0, 1_000]),
    onDead: random.pick(["hold", "hold", "hold", "skip"] as const),
    scanRows: random.pick([2, 10, 1_000]),
    hints: random.chance(0.7),
    arriveMs: random.pick([0, 0, 1, 20, 200]),
    acknowledgeMs: random.pick([0, 0, 1, 20, 200]),
    drift: random.pick([0, 0, 0.02]),
    isOneClock: false,
  };
}
