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
import type { FailureRecord } from "./failure_record.ts";
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
  | {
    readonly lease: Lease;
    readonly askedMs: number;
    /** As {@link LeaseRecord.unproven} is now. */
    readonly unproven: number;
  }
  | { readonly waitMs: number };

/** Watches the outbox without holding the lease. */
export class Standby {
  readonly #options: StandbyOptions;
  #observation: Observation | null = null;
  /** What the outbox looked like when there was nothing to do in it. */
  #quiet: Pick<Survey, "newestSeq" | "revision"> | null = null;
  #restMs = 0;
  /** When to look for real although nothing has changed (monotonic ms). */
  #dueAtMs = Infinity;
  /** Up to where nothing but the lanes of `keys` was found, while these wait. */
  #passed = { revision: -1, to: 0, keys: new Set<string>() };
  /** Leases in a row under which nothing was delivered. */
  #fruitless = 0;

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

  /** A tenure has ended: what came of it makes the next takeover sooner or later. */
  tenureEnded(delivered: number): void {
    this.#quiet = null;
    this.#observation = null;
    this.#fruitless = delivered > 0 ? 0 : this.#fruitless + 1;
  }

  /** Looks, and takes the lease if there is work and nobody who does it. */
  async watch(store: Store, survey: Survey): Promise<Watch> {
    const { clock, owner, leaseMs, pollMs, brief } = this.#options;
    const { lease: record } = survey;
    const nowMs = clock.monotonicMs();
    const mayHaveWork = survey.oldest !== null && !this.#isKnown(survey);
    // Whoever renews is at work: patience is for outages.
    const { epoch, beat } = record;
    const seen = this.#observation;
    if (seen?.epoch === epoch && seen.beat !== beat) this.#fruitless = 0;
    this.#observation = observe({
      previous: this.#observation,
      record,
      hasWork: mayHaveWork,
      nowMs,
    });
    if (!mayHaveWork) return this.#rest(survey);
    this.#quiet = null;
    const observation = this.#observation;
    const waitMs = takeoverInMs({
      record,
      owner,
      observation,
      nowMs,
      fruitless: this.#fruitless,
    });
    if (waitMs > 0 && !(brief && isLongDead(record, clock.nowMs()))) {
      return { waitMs: Math.min(waitMs, pollMs) };
    }
    const workInMs = await this.#workInMs(store, survey);
    if (workInMs > 0) {
      this.#dueAtMs = clock.monotonicMs() + workInMs;
      return this.#rest(survey);
    }
    const askedMs = clock.monotonicMs();
    const lease = await store.acquire({
      owner,
      leaseMs,
      nowMs: clock.nowMs(),
      expect: { epoch, beat },
    });
    if (lease === null) return { waitMs: 0 };
    const unproven = record.unproven + (epoch === lease.epoch ? 0 : 1);
    return { lease, askedMs, unproven };
  }

  #isKnown({ newestSeq, revision }: Survey): boolean {
    return this.#quiet?.newestSeq === newestSeq &&
      this.#quiet.revision === revision &&
      this.#options.clock.monotonicMs() < this.#dueAtMs;
  }

  /** Nothing to do: looks again, ever more rarely. */
  #rest({ newestSeq, revision }: Survey): Watch {
    this.#quiet = { newestSeq, revision };
    this.#restMs = nextLookMs(this.#restMs, this.#options.pollMs);
    return { waitMs: this.#restMs };
  }

  /** How long until there is something to do, in ms; `Infinity` until something changes. */
  async #workInMs(store: Store, { revision }: Survey): Promise<number> {
    const { maxSetAside, clock } = this.#options;
    const records = await store.failures({ after: 0, limit: maxSetAside });
    const wallMs = clock.nowMs();
    const dueInMs = records.reduce(
      (soonest, record) => Math.min(soonest, dueInMsOf(record, wallMs)),
      Infinity,
    );
    if (dueInMs <= 0) return 0;
    const keys = new Set(
      records.flatMap(({ key, holds }) => key !== null && holds ? key : []),
    );
    const exceptKeys = [...keys];
    // What waiting lanes left behind is passed once, until an operator acts or
    // another relay brings one of them on.
    const stillWait = [...this.#passed.keys].every((key) => keys.has(key));
    const isPassed = this.#passed.revision === revision && stillWait;
    this.#passed = { revision, to: isPassed ? this.#passed.to : 0, keys };
    for (;;) {
      const after = this.#passed.to;
      const page = await store.read({
        after,
        exceptKeys,
        limit: 1,
        maxBytes: 1,
      });
      if (page.messages.length > 0) return 0;
      this.#passed = { revision, to: page.scannedTo, keys };
      if (page.end) return dueInMs;
      await clock.turn();
    }
  }
}

/** When a refused message is due, by the wall clock that its record was made by. */
function dueInMsOf(record: FailureRecord, wallMs: number): number {
  if (record.state === "dead") return Infinity;
  const waitedMs = wallMs - record.failedAtMs;
  return waitedMs < 0 ? 0 : Math.max(0, record.delayMs - waitedMs);
}
