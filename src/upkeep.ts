/**
 * Upkeep: what is kept for a time is thrown away, a little at a time and only
 * where something has happened.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Archive, PositionMemory, Survey } from "./store.ts";

const PRUNE_EVERY_MS = 10_000;
const PRUNE_LIMIT = 500;
/** So many sequences further on, the positions of some keys are looked at. */
const LOOK_EVERY = 500;
/** More than there can be new ones, or they would never all have their turn. */
const LOOK_LIMIT = 2 * LOOK_EVERY;

/** How much is kept. */
export interface UpkeepOptions {
  readonly clock: Clock;
  readonly keepDeliveredMs: number;
  readonly keepDeliveredRows: number;
  readonly keepPositions: number;
}

/** The upkeep of one relay. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  #prunedMs = -Infinity;
  /** For the messages up to this sequence, enough positions were looked at. */
  #lookedFor: number | null = null;

  /** Creates an upkeep that has done nothing yet. */
  constructor(options: UpkeepOptions) {
    this.#options = options;
  }

  /** Does what is due, at most one part of each. */
  async pass(store: Archive & PositionMemory, survey: Survey): Promise<void> {
    await this.#prune(store);
    await this.#forget(store, survey);
  }

  async #prune(store: Archive): Promise<void> {
    const { clock, keepDeliveredMs, keepDeliveredRows } = this.#options;
    const nowMs = clock.monotonicMs();
    if (keepDeliveredMs === 0 || nowMs - this.#prunedMs < PRUNE_EVERY_MS) {
      return;
    }
    const { removed } = await store.prune({
      deliveredBeforeMs: clock.nowMs() - keepDeliveredMs,
      keepRows: keepDeliveredRows,
      limit: PRUNE_LIMIT,
    });
    if (removed < PRUNE_LIMIT) this.#prunedMs = nowMs;
  }

  async #forget(
    store: PositionMemory,
    { newestSeq, oldest }: Survey,
  ): Promise<void> {
    const countedBefore = newestSeq - this.#options.keepPositions;
    if (countedBefore <= 1) return;
    // Nobody has looked for what was enqueued while no relay ran.
    this.#lookedFor ??= (oldest?.seq ?? newestSeq) - LOOK_EVERY;
    if (newestSeq - this.#lookedFor < LOOK_EVERY) return;
    await store.forgetPositions({ countedBefore, limit: LOOK_LIMIT });
    this.#lookedFor += LOOK_EVERY;
  }
}
