/**
 * Endings: in some seeds the broker ends connections at messages that it cannot
 * bear, bears only so much, or ends connections without a word.
 *
 * They come from dice of their own, so that every other seed is what it was.
 *
 * @module
 */

import type { Advice, Outcome, SendFailure } from "@mailboat/outbox";
import type { Ending, SeededRandom } from "@mailboat/outbox/testing";
import { ENDING_KINDS, type FaultKind, type Plan } from "./plan.ts";
import type { PoisonKind } from "./poisons.ts";

const SEEDS_WITH_ENDINGS = 0.25;
const MAX_POISONS = 3;
/** A network that flaps ends so many connections in a row at the most. */
const MAX_FLAPS = 6;
/** Where ends say nothing, only much traffic tells a poison from a bad network. */
const BUSY_TRANSACTIONS = 100;
/** A network worse than that may make any message look like poison. */
const MODERATE = 0.02;
/** The default. */
const MAX_RECONNECT_MS = 30_000;

/** The plan of a seed, with or without endings. */
export function withEndings(
  plan: Plan,
  random: SeededRandom,
  without: readonly FaultKind[],
): Plan {
  if (!random.chance(SEEDS_WITH_ENDINGS)) return plan;
  const enabled = (probability: number, low: number, high: number) => {
    const rate = low * (high / low) ** random.fraction();
    return random.chance(probability) ? rate : 0;
  };
  const drawn = {
    poisonEnd: enabled(0.5, 0.01, 0.2),
    poisonSilent: enabled(0.3, 0.01, 0.2),
    denied: enabled(0.2, 0.01, 0.2),
    limit: enabled(0.5, 0.02, 0.2),
    silentCut: enabled(0.3, 0.003, 0.05),
    alarm: enabled(0.3, 0.01, 0.2),
    advice: enabled(0.5, 1, 1),
  };
  const rates = { ...plan.rates };
  for (const kind of ENDING_KINDS) {
    rates[kind] = without.includes(kind) ? 0 : drawn[kind];
  }
  if (ENDING_KINDS.every((kind) => rates[kind] === 0)) return plan;
  const isBusy = rates.silentCut > 0 && random.chance(0.75);
  const transactions = isBusy ? BUSY_TRANSACTIONS : plan.transactions;
  const { window, arriveMs, acknowledgeMs, reconnectCapMs } = plan.setting;
  const setting = {
    ...plan.setting,
    // A suspect waits longer than a reconnection, or it is always first.
    reconnectCapMs: Math.min(MAX_RECONNECT_MS, reconnectCapMs),
    slowRetryMs: random.pick([1, 4]) *
      Math.min(MAX_RECONNECT_MS, reconnectCapMs),
    // Whoever may keep so few waiting stops reading, and then nothing tells poison.
    maxSetAside: rates.poisonSilent > 0
      ? Math.max(10, plan.setting.maxSetAside)
      : plan.setting.maxSetAside,
    // Much traffic takes a broad wire; one that is cut grows back if it is narrow.
    window: isBusy
      ? Math.max(8, window)
      : rates.limit > 0
      ? Math.min(4, window)
      : window,
    arriveMs: isBusy ? Math.min(20, arriveMs) : arriveMs,
    acknowledgeMs: isBusy ? Math.min(20, acknowledgeMs) : acknowledgeMs,
  };
  if (rates.silentCut > 0) {
    for (const kind of ["wireBefore", "wireAfter"] as const) {
      rates[kind] = Math.min(rates[kind], MODERATE);
    }
  }
  return { ...plan, setting, transactions, rates, endings: random };
}

const LIMIT: SendFailure = {
  code: "TOO_MUCH",
  reason: "Too much at a time",
  advice: "limit",
};
const CUT: SendFailure = { code: "CUT", reason: "The connection was cut" };
const SILENT_CUT: SendFailure = { ...CUT, advice: "silent" };

/** The dice of a plan's endings. */
export class Endings {
  readonly #plan: Plan;
  #poisons = 0;
  /** How many more connections end as the network flaps. */
  #flaps = 0;

  /** Nothing has ended yet. */
  constructor(plan: Plan) {
    this.#plan = plan;
  }

  /** Why a connection is cut. */
  get cutFailure(): SendFailure {
    return this.#plan.rates.silentCut > 0 ? SILENT_CUT : CUT;
  }

  /** Whether the next new message is poison. */
  nextPoison(): PoisonKind | null {
    if (this.#falls("alarm")) return "alarm";
    if (this.#poisons >= MAX_POISONS) return null;
    const kind = this.#falls("poisonEnd")
      ? "explicit"
      : this.#falls("poisonSilent")
      ? "silent"
      : this.#falls("denied")
      ? "denied"
      : null;
    if (kind !== null) this.#poisons += 1;
    return kind;
  }

  /** Whether the network flaps, or it is too much for the broker. */
  nextEnding(): Outcome | Ending | null {
    if (this.#flaps === 0 && this.#falls("silentCut")) {
      this.#flaps = this.#plan.endings?.integer(1, MAX_FLAPS) ?? 0;
    }
    if (this.#flaps > 0) {
      this.#flaps -= 1;
      return { kind: "end", failure: SILENT_CUT };
    }
    if (!this.#falls("limit")) return null;
    return this.#plan.endings?.chance(0.5)
      ? { kind: "deferred", failure: LIMIT, afterMs: 100 }
      : { kind: "end", failure: LIMIT };
  }

  /** What a broker says that is away. */
  nextAdvice(): Advice | undefined {
    const { rates, endings } = this.#plan;
    if (rates.advice === 0) return undefined;
    return endings?.pick(["at-once", "soon", "slow", "config"] as const);
  }

  #falls(kind: FaultKind): boolean {
    const { rates, endings } = this.#plan;
    return rates[kind] > 0 && (endings?.chance(rates[kind]) ?? false);
  }
}
