/**
 * Standby: waits for work, and for the right to do it.
 *
 * A relay on standby reads; it writes only once, to take the lease.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import {
  isLongDead,
  type Observation,
  observe,
  takeoverInMs,
} from "./logic/lease.ts";
import { nextLookMs } from "./logic/pacing.ts";
import type { Lease, Store, Survey } from "./store.ts";

/** What standing by depends on. */
export interface StandbyOptions {
  readonly clock: Clock;
  /** Names this relay in the lease. */
  readonly owner: string;
  readonly leaseMs: number;
  readonly pollMs: number;
  readonly maxSetAside: number;
  /** Too short to see a lease lapse: the wall clock may testify that its holder is long dead. */
  readonly brief: boolean;
}

/** What came of a look: a lease, or how long to wait, in ms. */
export type Watch =
  | { readonly lease: Lease; readonly askedMs: number }
  | { readonly waitMs: number };

/** Watches the outbox without holding the lease. */
export class Standby {
  readonly #options: StandbyOptions;
  #observation: Observation | null = null;
  /** What the outbox looked like when there was nothing to do in it. */
  #quiet: Pick<Survey, "newestSeq" | "revision"> | null = null;
  #restMs = 0;

  /** Creates a standby that has seen nothing yet. */
  constructor(options: StandbyOptions) {
    this.#options = options;
  }

  /** Whether the last look found nothing to do. */
  get isQuiet(): boolean {
    return this.#quiet !== null;
  }

  /** Something may have been committed: look again soon. */
  hint(): void {
    this.#restMs = 0;
  }

  /** Looks, and takes the lease if there is work and nobody who does it. */
  async watch(store: Store, survey: Survey): Promise<Watch> {
    const { clock, owner, leaseMs, pollMs, brief } = this.#options;
    const { lease: record } = survey;
    const nowMs = clock.monotonicMs();
    const mayHaveWork = survey.oldest !== null && !this.#isKnown(survey);
    this.#observation = observe({
      previous: this.#observation,
      record,
      hasWork: mayHaveWork,
      nowMs,
    });
    if (!mayHaveWork) return this.#rest(survey);
    this.#quiet = null;
    const observation = this.#observation;
    const waitMs = takeoverInMs({ record, owner, observation, nowMs });
    if (waitMs > 0 && !(brief && isLongDead(record, clock.nowMs()))) {
      return { waitMs: Math.min(waitMs, pollMs) };
    }
    if (!(await this.#hasWork(store))) return this.#rest(survey);
    const { epoch, beat } = record;
    const askedMs = clock.monotonicMs();
    const lease = await store.acquire({
      owner,
      leaseMs,
      nowMs: clock.nowMs(),
      expect: { epoch, beat },
    });
    return lease === null ? { waitMs: 0 } : { lease, askedMs };
  }

  #isKnown({ newestSeq, revision }: Survey): boolean {
    return this.#quiet?.newestSeq === newestSeq &&
      this.#quiet.revision === revision;
  }

  /** Nothing to do: looks again, ever more rarely. */
  #rest({ newestSeq, revision }: Survey): Watch {
    this.#quiet = { newestSeq, revision };
    this.#restMs = nextLookMs(this.#restMs, this.#options.pollMs);
    return { waitMs: this.#restMs };
  }

  /** Whether any message waits for more than an operator. */
  async #hasWork(store: Store): Promise<boolean> {
    const { maxSetAside, clock } = this.#options;
    const records = await store.failures({ after: 0, limit: maxSetAside });
    if (records.some(({ state }) => state === "retry")) return true;
    const exceptKeys = records.flatMap(({ key, holds }) =>
      key !== null && holds ? key : []
    );
    for (let after = 0;;) {
      const page = await store.read({
        after,
        exceptKeys,
        limit: 1,
        maxBytes: 1,
      });
      if (page.messages.length > 0) return true;
      if (page.end) return false;
      after = page.scannedTo;
      await clock.turn();
    }
  }
}
