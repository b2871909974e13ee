/**
 * The tenure: what a relay knows and owes while it holds one lease.
 *
 * Everything here can be thrown away at any moment: the store knows better.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import { type Lane, Lanes } from "./logic/lanes.ts";
import type { FailureRecord } from "./failure_record.ts";
import type { Lease, RelayStore, SettleRequest } from "./store.ts";

/** What a tenure is made from. */
export interface TenureOptions {
  readonly clock: Clock;
  readonly lease: Lease;
  /** Monotonic ms at which the lease was asked for. */
  readonly askedMs: number;
  readonly leaseMs: number;
  readonly laneDepth: number;
  readonly maxSetAside: number;
  readonly archive: boolean;
  /** Whether a user's commit may be undone by a power cut until ours follows. */
  readonly commitsBeforeSend: boolean;
}

/** An outcome that is not recorded yet, and what its lane does afterwards. */
export interface Debt {
  readonly seq: number;
  /** What to keep about a refusal; `null` for a delivery. */
  readonly record: FailureRecord | null;
  readonly afterwards: () => void;
}

/** The work of one relay under one lease. */
export class Tenure {
  readonly lease: Lease;
  readonly lanes: Lanes;
  /** Every message up to here was taken in, or its lane knows where to go on. */
  cursor = 0;
  /** Whether nothing lay beyond the cursor at the last look. */
  atEnd = false;
  /** The revision of the dead letters that this tenure knows. */
  revision = 0;
  readonly #options: TenureOptions;
  /** Messages with a failure record, by sequence. */
  readonly #setAside: Map<number, FailureRecord> = new Map();
  /** Those of them that their lane must not pass, by key. */
  readonly #obstacles: Map<string, Map<number, FailureRecord>> = new Map();
  /** The last failure record that was loaded, when there are more. */
  #horizon = Infinity;
  #debts: Debt[] = [];
  #oldestDebtMs = 0;
  #renewedMs: number;
  #hasReadUndurable = false;

  /** Begins with nothing taken in. */
  constructor(options: TenureOptions) {
    this.#options = options;
    this.#renewedMs = options.askedMs;
    this.lease = options.lease;
    this.lanes = new Lanes({ depth: options.laneDepth });
  }

  /** Outcomes that are not recorded. */
  get unsettled(): number {
    return this.#debts.length;
  }

  /** The same, by kind. */
  get owed(): { readonly delivered: number; readonly failed: number } {
    const failed = this.#debts.filter(({ record }) => record !== null).length;
    return { delivered: this.#debts.length - failed, failed };
  }

  /** Monotonic ms of the oldest of them. */
  get oldestUnsettledMs(): number {
    return this.#oldestDebtMs;
  }

  /** For how long this relay may act without renewing, by its own clock. */
  get validForMs(): number {
    const { clock, leaseMs } = this.#options;
    return this.#renewedMs + leaseMs - clock.monotonicMs();
  }

  /**
   * Whether a commit of ours must come before the next send: to renew a lease
   * that lapsed, or to make durable what was read, so that no power cut can
   * undo a change that the world was told about.
   */
  get mustCommitFirst(): boolean {
    return this.validForMs <= 0 || this.#hasReadUndurable;
  }

  /** Takes note that messages were read. */
  noteRead(): void {
    this.#hasReadUndurable = this.#options.commitsBeforeSend;
  }

  /** When to renew while there is work, in ms from now; a third into the lease. */
  get renewalInMs(): number {
    const { leaseMs } = this.#options;
    return Math.max(0, this.validForMs - leaseMs * 2 / 3);
  }

  /** Whether so many messages are set aside that no more may be taken in. */
  get isSaturated(): boolean {
    const { maxSetAside } = this.#options;
    return this.cursor >= this.#horizon ||
      this.#setAside.size >= maxSetAside ||
      this.lanes.blockedCount >= maxSetAside;
  }

  /** Messages beyond this sequence may be set aside without our knowing. */
  get horizon(): number {
    return this.#horizon;
  }

  /** The failure record of a message, if it has one. */
  failureOf(seq: number): FailureRecord | undefined {
    return this.#setAside.get(seq);
  }

  /** The first dead message that its lane must not pass, or `Infinity`. */
  barrierOf(key: string | null): number {
    let barrier = Infinity;
    for (const { seq, state } of this.#obstaclesOf(key)) {
      if (state === "dead") barrier = Math.min(barrier, seq);
    }
    return barrier;
  }

  /** The last message that its lane must not pass, or 0: a common read does not return it. */
  lastObstacleOf(key: string | null): number {
    let last = 0;
    for (const { seq } of this.#obstaclesOf(key)) last = Math.max(last, seq);
    return last;
  }

  /** How many lanes wait for an operator, and the dead messages at their heads. */
  heldLanes(limit: number): {
    readonly count: number;
    readonly heads: readonly FailureRecord[];
  } {
    let count = 0;
    const heads: FailureRecord[] = [];
    for (const key of this.#obstacles.keys()) {
      const head = this.#setAside.get(this.barrierOf(key));
      if (head === undefined) continue;
      count += 1;
      if (heads.length < limit) heads.push(head);
    }
    return { count, heads };
  }

  /** Notes an outcome that is to be recorded. */
  owe(debt: Debt): void {
    if (this.#debts.length === 0) {
      this.#oldestDebtMs = this.#options.clock.monotonicMs();
    }
    this.#debts.push(debt);
  }

  /**
   * Records what is owed; then the lanes go on. Returns false, and records
   * nothing, when the lease is gone.
   */
  async settle(
    store: RelayStore,
    then: SettleRequest["then"],
  ): Promise<boolean> {
    const { clock, archive } = this.#options;
    const debts = this.#debts;
    const askedMs = clock.monotonicMs();
    const delivered = debts.filter(({ record }) => record === null)
      .map(({ seq }) => seq);
    const { inForce } = await store.settle({
      lease: this.lease,
      delivered,
      recovered: delivered.filter((seq) => this.#setAside.has(seq)),
      failed: debts.flatMap(({ record }) => record ?? []),
      archive,
      then,
      nowMs: clock.nowMs(),
    });
    if (!inForce) return false;
    if (then === "renew") {
      this.#renewedMs = askedMs;
      this.#hasReadUndurable = false;
    }
    this.#debts = [];
    for (const { seq, record, afterwards } of debts) {
      if (record === null) this.#forget(seq);
      else this.#remember(record);
      afterwards();
    }
    return true;
  }

  /**
   * Takes note of the failure records: those it does not know make their lane
   * wait, and those that operators changed start again in their old place.
   */
  async load(store: RelayStore, revision: number): Promise<void> {
    const limit = this.#options.maxSetAside;
    const records = await store.failures({ after: 0, limit });
    const last = records.length < limit ? Infinity : records.at(-1)?.seq;
    this.#horizon = last ?? Infinity;
    const present = new Map(records.map((record) => [record.seq, record]));
    for (const known of [...this.#setAside.values()]) {
      if (known.state !== "dead" || known.seq > this.#horizon) continue;
      const record = present.get(known.seq);
      if (record?.state === "dead") continue;
      this.#forget(known.seq);
      if (record !== undefined) this.#remember(record);
      this.lanes.restart(known.key, known.seq);
    }
    for (const record of records) {
      if (this.#setAside.has(record.seq)) continue;
      this.#remember(record);
      this.#setAsideLane(record);
    }
    this.revision = revision;
  }

  /** The lane of a record waits for its first set-aside message, unless it does already. */
  #setAsideLane(record: FailureRecord): void {
    if (record.state === "dead" && !record.holds) return;
    if (record.state === "dead" && record.key === null) return;
    const lane: Lane = this.lanes.lane(record.key, record.seq);
    if (lane.block !== null || lane.unreadFrom !== null) return;
    if (record.state === "dead") this.lanes.hold(lane, record.seq);
    else this.lanes.waitUntil(lane, record.seq, this.#dueMs(record));
  }

  #obstaclesOf(key: string | null): Iterable<FailureRecord> {
    return (key === null ? undefined : this.#obstacles.get(key))?.values() ??
      [];
  }

  #remember(record: FailureRecord): void {
    const { seq, key } = record;
    this.#forget(seq);
    this.#setAside.set(seq, record);
    if (key === null || !record.holds) return;
    const obstacles = this.#obstacles.get(key) ?? new Map();
    this.#obstacles.set(key, obstacles.set(seq, record));
  }

  #forget(seq: number): void {
    const key = this.#setAside.get(seq)?.key ?? null;
    this.#setAside.delete(seq);
    if (key === null) return;
    const obstacles = this.#obstacles.get(key);
    obstacles?.delete(seq);
    if (obstacles?.size === 0) this.#obstacles.delete(key);
  }

  /** The rest of the wait, however the wall clock was moved since. */
  #dueMs(record: FailureRecord): number {
    const { clock } = this.#options;
    const waitedMs = clock.nowMs() - record.failedAtMs;
    const leftMs = Math.min(record.delayMs, record.delayMs - waitedMs);
    return clock.monotonicMs() + Math.max(0, leftMs);
  }
}
