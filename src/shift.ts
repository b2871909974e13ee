/**
 * The shift: everything a relay does between its start and its end.
 *
 * It stands by until it may take the lease, works while it holds it, and
 * starts over when the lease is lost.
 *
 * @module
 */

import type { Counters } from "./aftermath.ts";
import { Alarm } from "./alarm.ts";
import { instantOf } from "./clock.ts";
import type { Ages } from "./logic/age.ts";
import { Link } from "./link.ts";
import { contained, type Observe } from "./observe.ts";
import type { ResolvedRelayOptions } from "./relay_options.ts";
import { Standby } from "./standby.ts";
import type { Store, Survey } from "./store.ts";
import { StoreAccess } from "./store_access.ts";
import { Tenure } from "./tenure.ts";
import { Turn } from "./turn.ts";
import { Upkeep } from "./upkeep.ts";

/** Between two tries to give the lease back. */
const RELEASE_RETRY_MS = 20;

/** One relay at work. */
export class Shift {
  readonly alarm: Alarm;
  readonly link: Link;
  readonly access: StoreAccess;
  readonly #options: ResolvedRelayOptions;
  readonly #ages: Ages;
  readonly #owner: string;
  readonly #observe: Observe;
  readonly #turn: Turn;
  readonly #standby: Standby;
  readonly #upkeep: Upkeep;
  #tenure: Tenure | null = null;
  #survey: Survey | null = null;
  #surveyedMs = -Infinity;

  /**
   * Creates a shift that has done nothing yet. A `brief` one cannot watch a
   * lease lapse, and believes the wall clock when it says "long ago".
   */
  constructor(
    options: ResolvedRelayOptions,
    counters: Counters,
    ages: Ages,
    brief: boolean,
  ) {
    this.#options = options;
    this.#ages = ages;
    this.#owner = hex(options.random.bytes(8));
    this.#observe = contained(options.observe);
    this.alarm = new Alarm(options.clock);
    const shared = { ...options, observe: this.#observe };
    const ring = () => this.alarm.ring();
    this.access = new StoreAccess(shared);
    this.#upkeep = new Upkeep(options);
    this.#standby = new Standby({ ...shared, owner: this.#owner, brief });
    this.link = new Link({
      ...shared,
      onChange: ring,
      onLost: (connection, failure) =>
        this.#observe({
          type: "transport.lost",
          transport: options.transport.name,
          failure,
          inFlight: this.#turn.lose(connection, failure),
        }),
    });
    const { link } = this;
    this.#turn = new Turn({
      ...shared,
      // Whoever only drains is done when all is recorded.
      settleIdleMs: brief ? 0 : options.settleIdleMs,
      ...{ link, counters, ages, onLanding: ring },
    });
  }

  /** What is done under the lease, while it is held. */
  get tenure(): Tenure | null {
    return this.#tenure;
  }

  /** The last look at the outbox. */
  get survey(): Survey | null {
    return this.#survey;
  }

  /** Messages sent whose outcome is unknown or was not yet looked at. */
  get inFlight(): number {
    return this.#turn.unjudged;
  }

  /** Whether nothing is on its way or unrecorded. */
  get isSettled(): boolean {
    return this.#tenure === null || this.#turn.isSettled(this.#tenure);
  }

  /** Whether all that is left waits for a time, an operator, or a new message. */
  get isIdle(): boolean {
    return this.#tenure === null
      ? this.#standby.isQuiet
      : this.#turn.isIdle(this.#tenure);
  }

  /** Something may have been committed. */
  hint(): void {
    this.#turn.hint();
    this.#standby.hint();
    this.alarm.ring();
  }

  /** Nothing is sent any more. */
  halt(): void {
    this.#turn.halt();
    this.alarm.ring();
  }

  /** One pass; resolves with how long to wait before the next, in ms. */
  pass(sending: boolean): Promise<number> {
    this.#ages.check(instantOf(this.#options.clock));
    return this.access.use((store) => {
      const tenure = this.#tenure;
      if (tenure !== null) return this.#work(store, tenure, sending);
      return sending ? this.#standBy(store) : Promise.resolve(Infinity);
    });
  }

  /** Ends: closes the connection, records what came in, gives the lease back. */
  async end(deadlineMs: number): Promise<void> {
    const { clock } = this.#options;
    await this.link.close();
    for (;;) {
      await this.pass(false);
      await this.access.use((store) => this.#release(store));
      if (this.#tenure === null || clock.monotonicMs() >= deadlineMs) break;
      await clock.sleep(RELEASE_RETRY_MS);
    }
    this.#tenure = null;
    this.#turn.abandon();
    await this.access.close();
    this.#observe({ type: "stopped" });
  }

  async #release(store: Store): Promise<number> {
    const tenure = this.#tenure;
    if (tenure === null) return 0;
    const { epoch } = tenure.lease;
    // What is owed first: recording it may leave something to take back.
    if (tenure.owing > 0) await tenure.settle(store, "keep");
    const isMine = await tenure.settle(store, "release");
    this.#tenure = null;
    if (isMine) this.#observe({ type: "lease.released", epoch });
    return 0;
  }

  async #standBy(store: Store): Promise<number> {
    const survey = await this.#look(store);
    const watch = await this.#standby.watch(store, survey);
    if ("waitMs" in watch) return watch.waitMs;
    const tenure = new Tenure({
      ...this.#options,
      ...watch,
      boot: store.boot,
      archive: this.#options.keepDeliveredMs > 0,
    });
    await tenure.load(store, survey.revision);
    this.#tenure = tenure;
    this.#turn.hint();
    const { trialsLeft: trials } = tenure;
    this.#observe({
      type: "lease.acquired",
      epoch: tenure.lease.epoch,
      trials,
    });
    return 0;
  }

  async #work(
    store: Store,
    tenure: Tenure,
    sending: boolean,
  ): Promise<number> {
    const { clock, pollMs } = this.#options;
    // A new connection throws out the relay that took over: look before it.
    const mayBeReplaced = tenure.validForMs <= 0 && this.link.isDue;
    if (
      clock.monotonicMs() - this.#surveyedMs >= pollMs || mayBeReplaced
    ) {
      const known = Math.max(this.#survey?.newestSeq ?? 0, tenure.cursor);
      const { lease, revision, newestSeq } = await this.#look(store);
      if (lease.epoch !== tenure.lease.epoch || lease.owner !== this.#owner) {
        return await this.#lose(tenure);
      }
      if (newestSeq > known) this.#turn.hint();
      if (tenure.mustLoad(revision)) {
        await this.#revise(store, tenure, revision);
      }
    }
    const { identity } = store;
    const waitMs = await this.#turn.pass({ store, tenure, identity, sending });
    if (waitMs === null) return await this.#lose(tenure);
    if (this.#survey !== null) await this.#upkeep.pass(store, this.#survey);
    return Math.min(waitMs, this.#surveyedMs + pollMs - clock.monotonicMs());
  }

  async #look(store: Store): Promise<Survey> {
    const { clock } = this.#options;
    const askedMs = clock.monotonicMs();
    this.#surveyedMs = askedMs;
    const survey = await store.survey();
    this.#survey = survey;
    this.#ages.saw({
      askedMs,
      answeredMs: clock.monotonicMs(),
      newestSeq: survey.newestSeq,
      oldestSeq: survey.oldest?.seq ?? null,
    });
    return survey;
  }

  /** Takes note of what operators changed. */
  async #revise(
    store: Store,
    tenure: Tenure,
    revision: number,
  ): Promise<void> {
    await tenure.load(store, revision);
    const heldLanes = tenure.setAside.heldLanes(0).count;
    this.#observe({ type: "dead_letters.changed", heldLanes });
  }

  async #lose(tenure: Tenure): Promise<number> {
    this.#observe({
      type: "lease.lost",
      epoch: tenure.lease.epoch,
      unrecorded: tenure.unsettled + this.#turn.unjudged,
    });
    this.#tenure = null;
    this.#standby.tenureEnded(tenure.delivered);
    this.#turn.abandon();
    await this.link.close();
    return 0;
  }
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
