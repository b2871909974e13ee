/**
 * The ledger of a soak: what was committed beside what arrived.
 *
 * @module
 */

/** A broker that was stopped and came back. */
export interface Outage {
  readonly stoppedAtMs: number;
  /** When it took connections again. */
  backAtMs: number | null;
  /** When nothing was under way any more for longer than {@link CAUGHT_UP_MS}. */
  caughtUpAtMs: number | null;
  /** Copies that the relay sent again, from here to the next outage. */
  duplicates: number;
}

/** What arrived in a stretch of time. */
export interface Arrivals {
  /** From commit to subscriber, in ms, of those that no outage held up. */
  readonly steadyMs: readonly number[];
  /** So many waited for the broker, or behind those that did. */
  readonly heldUp: number;
}

/** What is under way for no longer than this does not wait in a queue. */
export const CAUGHT_UP_MS = 250;

/** A copy of an event, as the subscriber sees it. */
export interface Copy {
  readonly n: number;
  readonly atMs: number;
  /** Whether the broker says that it delivered this copy before. */
  readonly isRedelivery: boolean;
}

/**
 * Compares event by event. Events are numbered in the order of their commits,
 * and so many keys take turns. Its memory is bounded by what is under way.
 */
export class Ledger {
  readonly outages: Outage[] = [];
  /** First copies that came before one of their key that is older, and old copies after newer ones. */
  outOfOrder = 0;
  /** Copies that the broker delivered again after it came back. */
  redeliveries = 0;
  /** Copies that the relay sent again with no outage before them. */
  strayDuplicates = 0;
  committed = 0;
  /** Events that an outage held up, and the longest that one of them took. */
  heldUp = 0;
  longestMs = 0;
  readonly #keys: number;
  /** The newest event of each key that arrived. */
  readonly #newest: number[];
  /** Committed, not arrived: their times, by number. */
  readonly #underWay = new Map<number, number>();
  /** Arrived before the writer told of the commit: their times, by number. */
  readonly #early = new Map<number, number>();
  #steadyMs: number[] = [];
  #heldUpBefore = 0;
  #firstCommit: { readonly atMs: number; readonly count: number } | null = null;
  #lastCommitMs = 0;

  constructor(keys: number) {
    this.#keys = keys;
    // So that the first of a key is the one that comes next.
    this.#newest = Array.from({ length: keys }, (_, key) => key - keys);
  }

  /** Events that were committed and did not arrive yet. */
  get underWay(): number {
    return this.#underWay.size;
  }

  /** Events that arrived and whose commit nobody told of. */
  get uncommitted(): number {
    return this.#early.size;
  }

  /** Events that were committed in a second, on the average. */
  get committedPerSecond(): number {
    if (this.#firstCommit === null) return 0;
    const { atMs, count } = this.#firstCommit;
    return (this.committed - count) / (this.#lastCommitMs - atMs) * 1_000;
  }

  /** Duplicates of the relay, all together. */
  get duplicates(): number {
    return this.outages.reduce(
      (sum, { duplicates }) => sum + duplicates,
      this.strayDuplicates,
    );
  }

  /** A transaction was committed: `count` events from `first` on. */
  commit(first: number, count: number, atMs: number): void {
    this.committed += count;
    this.#firstCommit ??= { atMs, count };
    this.#lastCommitMs = atMs;
    for (let n = first; n < first + count; n++) {
      const arrivedMs = this.#early.get(n);
      if (arrivedMs === undefined) {
        this.#underWay.set(n, atMs);
      } else {
        this.#early.delete(n);
        this.#arrived(atMs, arrivedMs);
      }
    }
  }

  /** A copy arrived. */
  arrive({ n, atMs, isRedelivery }: Copy): void {
    const key = n % this.#keys;
    const newest = this.#newest[key]!;
    const committedMs = this.#underWay.get(n);
    if (n <= newest && committedMs === undefined) {
      this.#again(n < newest, isRedelivery);
      return;
    }
    if (n !== newest + this.#keys) this.outOfOrder += 1;
    this.#newest[key] = Math.max(newest, n);
    if (committedMs === undefined) {
      this.#early.set(n, atMs);
    } else {
      this.#underWay.delete(n);
      this.#arrived(committedMs, atMs);
    }
  }

  /** The broker is being stopped. */
  brokerStops(atMs: number): void {
    this.outages.push({
      stoppedAtMs: atMs,
      backAtMs: null,
      caughtUpAtMs: null,
      duplicates: 0,
    });
  }

  /** The broker takes connections again. */
  brokerIsBack(atMs: number): void {
    const outage = this.outages.at(-1);
    if (outage) outage.backAtMs = atMs;
  }

  /** What arrived since it was last asked. */
  takeArrivals(): Arrivals {
    const heldUp = this.heldUp - this.#heldUpBefore;
    const arrivals = { steadyMs: this.#steadyMs, heldUp };
    this.#steadyMs = [];
    this.#heldUpBefore = this.heldUp;
    return arrivals;
  }

  #again(isOld: boolean, isRedelivery: boolean): void {
    if (isRedelivery) {
      this.redeliveries += 1;
      return;
    }
    const outage = this.outages.at(-1);
    if (outage) outage.duplicates += 1;
    else this.strayDuplicates += 1;
    if (isOld) this.outOfOrder += 1;
  }

  #arrived(committedMs: number, atMs: number): void {
    // The message may be through before the writer is told that it committed.
    const tookMs = Math.max(0, atMs - committedMs);
    const outage = this.outages.at(-1);
    const isHeldUp = outage !== undefined &&
      (outage.caughtUpAtMs === null || committedMs <= outage.caughtUpAtMs);
    if (!isHeldUp) {
      this.#steadyMs.push(tookMs);
    } else {
      this.heldUp += 1;
      this.longestMs = Math.max(this.longestMs, tookMs);
    }
    if (!outage || outage.backAtMs === null || outage.caughtUpAtMs !== null) {
      return;
    }
    const [oldestMs = atMs] = this.#underWay.values();
    if (atMs - oldestMs <= CAUGHT_UP_MS) outage.caughtUpAtMs = atMs;
  }
}
