/**
 * The tenure: what a relay knows and owes while it holds one lease.
 *
 * Everything here can be thrown away at any moment: the store knows better.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { FailureRecord } from "./failure_record.ts";
import { isUnused } from "./logic/lane.ts";
import { Lanes } from "./logic/lanes.ts";
import { afterTakeover, isSuspect, trialsAfter } from "./logic/probation.ts";
import type { Message } from "./message.ts";
import { SetAside } from "./set_aside.ts";
import type { Lease, RelayStore, SettleRequest } from "./store.ts";

/** What a tenure is made from. */
export interface TenureOptions {
  readonly clock: Clock;
  readonly lease: Lease;
  /** Monotonic ms at which the lease was asked for. */
  readonly askedMs: number;
  /** Owners in a row that have not shown that they outlive what they send, this one included. */
  readonly unproven: number;
  /** The {@link Store.boot} of this machine. */
  readonly boot: string;
  readonly leaseMs: number;
  readonly laneDepth: number;
  readonly laneWindow: number;
  readonly maxSetAside: number;
  readonly archive: boolean;
  readonly keepExpiredRows: number;
}

/** An outcome that is not recorded yet, and what its lane does afterwards. */
export interface Debt {
  readonly seq: number;
  /** What it is about; a `trial` is no outcome, and takes up no room of the window. */
  readonly kind: "delivered" | "expired" | "failed" | "trial";
  /** What to keep about the message; `null` when it goes. */
  readonly record: FailureRecord | null;
  readonly afterwards: () => void;
}

const nothingOwed = () => ({ delivered: 0, expired: 0, failed: 0, trial: 0 });

/** No revision is like it: the records are looked at again. */
const UNKNOWN_REVISION = -1;

/** The work of one relay under one lease. */
export class Tenure {
  readonly lease: Lease;
  readonly lanes: Lanes;
  /** Messages that were refused. */
  readonly setAside: SetAside;
  /** Every message up to here was taken in, or its lane knows where to go on. */
  cursor = 0;
  /** Whether nothing lay beyond the cursor at the last look. */
  atEnd = false;
  /** Messages the broker took under this lease. */
  delivered = 0;
  /** How many more messages are sent one at a time, as relays died before. */
  trialsLeft: number;
  readonly boot: string;
  /** When the first message was sent (monotonic ms); `Infinity` before that. */
  firstSentMs: number = Infinity;
  readonly #options: TenureOptions;
  #revision = UNKNOWN_REVISION;
  #debts: Debt[] = [];
  #owed: Record<Debt["kind"], number> = nothingOwed();
  #oldestDebtMs = 0;
  #renewedMs: number;
  /** Whether a power cut may still undo a change whose message was read. */
  #hasReadUndurable = false;
  readonly #isCareful: boolean;
  /** Whether the store does not know yet that this relay outlives what it sends. */
  #unproven: boolean;
  /** A settle failed and may have happened: an operator may have seen its records before us. */
  #inDoubt = false;

  /** Begins with nothing taken in. */
  constructor(options: TenureOptions) {
    const { laneDepth: depth, laneWindow: window } = options;
    this.#options = options;
    this.#renewedMs = options.askedMs;
    this.lease = options.lease;
    this.boot = options.boot;
    this.trialsLeft = trialsAfter(options.unproven);
    this.#isCareful = this.trialsLeft > 0;
    this.#unproven = options.unproven > 0;
    this.lanes = new Lanes({ depth, window });
    this.setAside = new SetAside(options.maxSetAside);
  }

  /** How much is to be recorded, whatever it is about. */
  get owing(): number {
    return this.#debts.length;
  }

  /** Outcomes of sends that are not recorded. */
  get unsettled(): number {
    const { delivered, failed } = this.owed;
    return delivered + failed + this.lanes.withheld;
  }

  /** What is to be recorded, by kind. */
  get owed(): Readonly<Record<Debt["kind"], number>> {
    return this.#owed;
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

  /** When to renew while there is work, in ms from now; a third into the lease. */
  get renewalInMs(): number {
    const { leaseMs } = this.#options;
    return Math.max(0, this.validForMs - leaseMs * 2 / 3);
  }

  /** Whether a message must be sent alone. */
  isOnTrial({ seq }: Message): boolean {
    if (this.trialsLeft > 0) return true;
    // What was refused before is read apart, and so comes late.
    return this.#isCareful
      ? this.setAside.has(seq)
      : isSuspect(this.setAside.get(seq));
  }

  /** Whether the store is still to learn that this relay outlives what it sends. */
  get isUnproven(): boolean {
    return this.#unproven;
  }

  /** Whether everything in the outbox was handed out, or waits for a time or for people. */
  get hasTakenAll(): boolean {
    return this.lanes.queued === 0 && this.lanes.nextBehind() === null &&
      this.atEnd && !this.isSaturated;
  }

  /** Whether so many messages wait that no more may be taken in. */
  get isSaturated(): boolean {
    return this.cursor >= this.setAside.horizon || !this.#hasSpace;
  }

  /** Whether the failure records should be looked at: they changed, or more of them fit now. */
  mustLoad(revision: number): boolean {
    return revision !== this.#revision ||
      (this.setAside.horizon < Infinity && this.#hasSpace);
  }

  get #hasSpace(): boolean {
    return !this.setAside.isFull &&
      this.lanes.blockedCount < this.#options.maxSetAside;
  }

  /** Takes note that messages were read. */
  noteRead(): void {
    this.#hasReadUndurable = true;
  }

  /** Makes what was read durable, unless it is. */
  async makeDurable(store: RelayStore): Promise<void> {
    if (!this.#hasReadUndurable) return;
    await store.makeDurable();
    this.#hasReadUndurable = false;
  }

  /** Takes note that a message is being sent. */
  noteSent(): void {
    if (this.firstSentMs < Infinity) return;
    this.firstSentMs = this.#options.clock.monotonicMs();
  }

  /** Notes an outcome that is to be recorded. */
  owe(debt: Debt): void {
    if (this.#debts.length === 0) {
      this.#oldestDebtMs = this.#options.clock.monotonicMs();
    }
    // Whoever was acquitted, and then has an outcome, owes the outcome only.
    if (this.#owed.trial > 0) {
      const others = this.#debts.filter(({ seq }) => seq !== debt.seq);
      this.#owed.trial -= this.#debts.length - others.length;
      this.#debts = others;
    }
    this.#debts.push(debt);
    this.#owed[debt.kind] += 1;
  }

  /**
   * Records what is owed, and whether this relay is `proven` to outlive what
   * it sends; then the lanes go on. Returns false, and records nothing, when
   * the lease is gone.
   */
  async settle(
    store: RelayStore,
    then: SettleRequest["then"],
    proven = false,
  ): Promise<boolean> {
    const debts = this.#debts;
    const askedMs = this.#options.clock.monotonicMs();
    if (!(await this.#recorded(store, then, proven))) return false;
    if (this.#inDoubt) this.#revision = UNKNOWN_REVISION;
    this.#inDoubt = false;
    if (then === "renew") {
      this.#renewedMs = askedMs;
      if (proven) this.#unproven = false;
    }
    this.#debts = [];
    this.#owed = nothingOwed();
    for (const { seq, record, afterwards } of debts) {
      if (record === null) this.setAside.forget(seq);
      else this.setAside.remember(record);
      afterwards();
    }
    return true;
  }

  async #recorded(
    store: RelayStore,
    then: SettleRequest["then"],
    proven: boolean,
  ): Promise<boolean> {
    const { clock, archive, keepExpiredRows: keepExpired } = this.#options;
    const owed = (kind: Debt["kind"]) =>
      this.#debts.filter((debt) => debt.kind === kind).map(({ seq }) => seq);
    const [delivered, expired] = [owed("delivered"), owed("expired")];
    try {
      const { inForce } = await store.settle({
        lease: this.lease,
        delivered,
        expired,
        recovered: [...delivered, ...expired]
          .filter((seq) => this.setAside.mayHave(seq)),
        failed: this.#debts.flatMap(({ record }) => record ?? []),
        archive,
        keepExpired,
        then,
        proven,
        nowMs: clock.nowMs(),
      });
      return inForce;
    } catch (error) {
      this.#inDoubt = true;
      throw error;
    }
  }

  /**
   * Takes note of the failure records: those it does not know make their lane
   * wait, and those that operators changed start again in their old place.
   */
  async load(store: RelayStore, revision: number): Promise<void> {
    const { setAside, lanes } = this;
    const records = (await setAside.read(store, this.#options.clock))
      .map((record) => afterTakeover(record, this.boot));
    const present = new Map(records.map((record) => [record.seq, record]));
    for (const known of setAside.dead()) {
      if (known.seq > setAside.horizon) continue;
      if (present.get(known.seq)?.state === "dead") continue;
      setAside.forget(known.seq);
      lanes.restart(known.key, known.seq);
    }
    for (const record of records) {
      if (setAside.has(record.seq)) continue;
      setAside.remember(record);
      this.#placeInLane(record);
    }
    this.#revision = revision;
  }

  /** The lane of a record waits for its first set-aside message, or starts again from it. */
  #placeInLane(record: FailureRecord): void {
    const { key, seq, state } = record;
    const lane = this.lanes.lane(key, seq);
    if (!isUnused(lane)) {
      // An operator brought it back while the lane was further on.
      const next = lane.queue[0]?.seq ?? lane.unreadFrom ?? 0;
      if (seq <= this.cursor || seq < next) this.lanes.restart(key, seq);
      else this.lanes.readApart(lane, this.cursor + 1);
    } else if (state === "dead") this.lanes.hold(lane, seq);
    else this.lanes.waitUntil(lane, seq, this.#dueMs(record));
  }

  /** The rest of the wait, however the wall clock was moved since. */
  #dueMs(record: FailureRecord): number {
    const { clock } = this.#options;
    const waitedMs = clock.nowMs() - record.failedAtMs;
    const leftMs = Math.min(record.delayMs, record.delayMs - waitedMs);
    return clock.monotonicMs() + Math.max(0, leftMs);
  }
}
