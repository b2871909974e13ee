/**
 * The turn: one pass of a working relay: judge what landed, record it in
 * groups, read on, send. No step waits for the broker, and no database
 * transaction is open while a message is sent.
 *
 * @module
 */

import { applyLanding } from "./aftermath.ts";
import { Dispatch, isSent } from "./dispatch.ts";
import { Expiration, type ExpirationOptions } from "./expiration.ts";
import { Intake, type IntakeOptions } from "./intake.ts";
import { Isolation } from "./logic/isolation.ts";
import { type SettlePace, settleWaitMs } from "./logic/pacing.ts";
import type { RelayStore } from "./store.ts";
import type { Tenure } from "./tenure.ts";
import type { Connection, SendFailure } from "./transport.ts";
import { Trial, type TrialOptions } from "./trial.ts";

/** What a turn needs. */
export interface TurnOptions
  extends TrialOptions, IntakeOptions, ExpirationOptions, SettlePace {
  readonly onLanding: () => void;
  readonly leaseMs: number;
  readonly sendTimeoutMs: number;
  readonly burst: number;
  readonly slowRetryMs: number;
}

/** Passes over one tenure at a time. */
export class Turn {
  readonly #options: TurnOptions;
  readonly #dispatch: Dispatch;
  readonly #intake: Intake;
  readonly #expiration: Expiration;
  readonly #trial: Trial;
  readonly #isolation: Isolation;

  /** Creates a turn with nothing in flight. */
  constructor(options: TurnOptions) {
    this.#options = options;
    this.#dispatch = new Dispatch(options.clock, options.onLanding);
    this.#intake = new Intake(options);
    const forget = (seq: number) => this.#isolation.forget(seq);
    this.#expiration = new Expiration(options, forget);
    this.#trial = new Trial(options, this.#dispatch, this.#expiration);
    this.#isolation = new Isolation(options.slowRetryMs);
  }

  /** Messages sent whose outcome is unknown or was not yet looked at. */
  get unjudged(): number {
    return this.#dispatch.unjudged;
  }

  /** Something may have been committed: look at once, and again soon. */
  hint(): void {
    this.#intake.hint();
  }

  /** A connection is gone; returns how many messages were on their way. */
  lose(connection: Connection, failure: SendFailure): number {
    const seqs = this.#dispatch.lose(connection);
    this.#isolation.ended(failure, seqs);
    return seqs.length;
  }

  /** Nothing is sent any more, not even by a pass that is under way. */
  halt(): void {
    this.#dispatch.halt();
  }

  /** Forgets what is on its way: the lease it was sent under is gone. */
  abandon(): void {
    this.#dispatch.abandon();
    this.#trial.abandon();
    this.#isolation.abandon();
  }

  /**
   * One pass. Resolves with how long nothing more can be done, in ms, or with
   * `null` when the lease turned out to be gone. With `sending` off nothing is
   * read or sent, only recorded.
   */
  async pass(request: {
    readonly store: RelayStore;
    readonly tenure: Tenure;
    readonly identity: string;
    readonly sending: boolean;
  }): Promise<number | null> {
    const { store, tenure, identity, sending } = request;
    const { clock, link } = this.#options;
    await this.#judge(tenure);
    this.#trial.acquit(tenure);
    tenure.lanes.wakeDue(clock.monotonicMs());
    const isDue = this.#isSettleDue(tenure, sending);
    // Reading comes first, as what was read before a commit is durable with it.
    if (sending) await this.#intake.read(store, tenure);
    if (isDue && !(await this.#settle(store, tenure))) return null;
    if (sending) {
      if (tenure.lanes.hasReady) link.connect(identity);
      if (!(await this.#sendNext(store, tenure))) return null;
    }
    await this.#breakStall();
    return this.#waitMs(tenure, sending);
  }

  /** Whether nothing is on its way or unrecorded. */
  isSettled(tenure: Tenure): boolean {
    return this.#dispatch.unjudged === 0 && tenure.owing === 0;
  }

  /** Whether all is sent and recorded that can be. */
  isIdle(tenure: Tenure): boolean {
    return this.isSettled(tenure) && tenure.hasTakenAll;
  }

  async #judge(tenure: Tenure): Promise<void> {
    const { link } = this.#options;
    for (const landing of this.#dispatch.landings()) {
      const { flight, outcome, flight: { message: { seq } } } = landing;
      this.#trial.landed(flight);
      this.#isolation.landed(seq);
      if (applyLanding(this.#options, tenure, landing)) {
        // What was decided beforehand, the broker knows nothing of.
        if (isSent(flight)) {
          link.answered(outcome);
          this.#isolation.answered(seq, outcome.kind === "delivered");
        }
        tenure.trialsLeft = Math.max(0, tenure.trialsLeft - 1);
      } else if (link.connection === flight.connection) {
        // Nothing is ever sent again on a connection that left a doubt.
        const reason =
          `The connection left a message with the outcome ${outcome.kind}`;
        await link.fail({ code: "NO_OUTCOME", reason });
      }
    }
  }

  #isSettleDue(tenure: Tenure, sending: boolean): boolean {
    return this.#settleWaitMs(tenure, sending) <= 0 || this.#mustRenew(tenure);
  }

  #mustRenew(tenure: Tenure): boolean {
    return tenure.renewalInMs === 0 && this.#needsLease(tenure);
  }

  /** Records what is owed; false when the lease is gone. */
  #settle(store: RelayStore, tenure: Tenure): Promise<boolean> {
    const proves = tenure.isUnproven && this.#hasOutlived(tenure);
    return this.#record(store, tenure, this.#mustRenew(tenure), proves);
  }

  #settleWaitMs(tenure: Tenure, sending: boolean): number {
    return settleWaitMs({
      pending: tenure.owing,
      ageMs: this.#options.clock.monotonicMs() - tenure.oldestUnsettledMs,
      canSend: sending && this.#canSend(tenure),
      isIdle: sending && tenure.hasTakenAll && !tenure.isUnproven,
    }, this.#options);
  }

  async #record(
    store: RelayStore,
    tenure: Tenure,
    renew: boolean,
    proves: boolean,
  ): Promise<boolean> {
    const { delivered, expired, failed } = tenure.owed;
    const then = renew || proves ? "renew" : "keep";
    if (!(await tenure.settle(store, then, proves))) return false;
    if (delivered + expired + failed > 0) {
      this.#options.observe({ type: "settled", delivered, expired, failed });
    }
    return true;
  }

  /**
   * Whether the lease must go on. Not while the broker is away: then there is
   * nothing to protect, and renewing would wear the disk for days.
   */
  #needsLease(tenure: Tenure): boolean {
    if (this.#dispatch.inFlight > 0 || tenure.owing > 0) return true;
    return tenure.lanes.queued > 0 && this.#options.link.connection !== null;
  }

  /** Whether this relay has sent something, and outlived it. */
  #hasOutlived(tenure: Tenure): boolean {
    const { clock, leaseMs } = this.#options;
    const livedMs = clock.monotonicMs() - tenure.firstSentMs;
    if (this.#trial.isOn || livedMs < 0) return false;
    if (tenure.trialsLeft === 0 && livedMs >= leaseMs) return true;
    return this.#dispatch.inFlight === 0 && tenure.hasTakenAll;
  }

  /** Sends what may go and is of use; false when the lease is gone. */
  async #sendNext(store: RelayStore, tenure: Tenure): Promise<boolean> {
    this.#expiration.check();
    // Nothing has its turn while it could not be sent.
    if (this.#options.link.connection !== null) this.#expiration.sweep(tenure);
    if (!this.#canSend(tenure)) return true;
    await tenure.makeDurable(store);
    const isTrial = this.#isTrialNext(tenure);
    if (isTrial) this.#trial.begin(tenure);
    // A lease that lapsed comes first; a trial begins with its record.
    if (isTrial || tenure.validForMs <= 0) {
      if (!(await this.#record(store, tenure, true, false))) return false;
    }
    if (!isTrial) this.#send(tenure);
    return true;
  }

  #isTrialNext(tenure: Tenure): boolean {
    const next = tenure.lanes.peek();
    if (next === null || this.#isolation.isSentenced(next.seq)) return false;
    return tenure.isOnTrial(next);
  }

  #isSuspectNext({ lanes }: Tenure): boolean {
    return this.#isolation.isSuspect(lanes.peek()?.seq ?? 0);
  }

  #canSend(tenure: Tenure): boolean {
    return tenure.lanes.hasReady && this.#room(tenure) > 0;
  }

  /**
   * How many messages may be sent. One that has landed takes up room until it
   * is judged and recorded: a crash would send it again like those in flight,
   * and may repeat no more than one window. One that is on trial, or under
   * suspicion, goes alone.
   */
  #room(tenure: Tenure): number {
    const { unjudged } = this.#dispatch;
    const { window } = this.#options.link;
    if (this.#trial.isOn || this.#isolation.isOn) return 0;
    if (this.#isTrialNext(tenure) || this.#isSuspectNext(tenure)) {
      return unjudged + tenure.owing === 0 ? Math.min(1, window) : 0;
    }
    return window - unjudged - tenure.unsettled;
  }

  #send(tenure: Tenure): void {
    const { clock, link: { connection }, burst } = this.#options;
    if (connection === null || this.#dispatch.isHalted) return;
    for (let room = Math.min(burst, this.#room(tenure)); room > 0; room--) {
      // Checked for each message: the process may have been paused in between.
      if (tenure.validForMs <= 0) return;
      if (!this.#expiration.sweep(tenure)) return;
      // Whoever is next now may have to go alone.
      if (this.#isTrialNext(tenure) || this.#room(tenure) <= 0) return;
      const next = tenure.lanes.take();
      if (next === null) return;
      const { seq } = next.message;
      const sentence = this.#isolation.sentenceOn(seq);
      if (sentence?.kind === "waits") {
        const untilMs = clock.monotonicMs() + sentence.afterMs;
        return tenure.lanes.waitUntil(next.lane, seq, untilMs);
      }
      if (sentence !== null) {
        this.#dispatch.send({ ...next, connection, terms: {}, sentence });
        return;
      }
      this.#isolation.sent(seq);
      tenure.noteSent();
      const terms = this.#expiration.termsOf(next.message);
      this.#dispatch.send({ ...next, connection, terms });
      if (this.#isolation.isOn || this.#isSuspectNext(tenure)) return;
    }
  }

  /** A connection that acknowledges nothing for too long is ended. */
  async #breakStall(): Promise<void> {
    if (this.#stallInMs() > 0) return;
    const { link, sendTimeoutMs } = this.#options;
    const reason = `No acknowledgement in ${sendTimeoutMs} ms`;
    await link.fail({ code: "NO_ACKNOWLEDGEMENT", reason });
  }

  #stallInMs(): number {
    const { clock, sendTimeoutMs } = this.#options;
    return this.#dispatch.stalledSinceMs + sendTimeoutMs - clock.monotonicMs();
  }

  #waitMs(tenure: Tenure, sending: boolean): number {
    const { clock, link } = this.#options;
    const { lanes } = tenure;
    const nowMs = clock.monotonicMs();
    const waits = [this.#stallInMs(), this.#trial.acquitsInMs];
    waits.push(this.#settleWaitMs(tenure, sending));
    if (this.#needsLease(tenure)) waits.push(tenure.renewalInMs);
    if (sending) {
      if (this.#canSend(tenure)) return 0;
      waits.push(lanes.nextDueMs - nowMs, this.#intake.waitMs(tenure));
      if (lanes.hasReady && link.state.kind === "waiting") {
        waits.push(link.retryAtMs - nowMs);
      }
    }
    return Math.max(0, Math.min(...waits));
  }
}
