/**
 * The trial: one message that is sent alone, after that was recorded.
 *
 * @module
 */

import { type AftermathOptions, bury } from "./aftermath.ts";
import type { Dispatch, Flight } from "./dispatch.ts";
import type { Expiration } from "./expiration.ts";
import type { Link } from "./link.ts";
import type { Lane } from "./logic/lane.ts";
import { condemned, onTrial, outlived, TRIAL_MS } from "./logic/probation.ts";
import type { Message } from "./message.ts";
import type { Tenure } from "./tenure.ts";

/** What a trial needs. */
export interface TrialOptions extends AftermathOptions {
  readonly link: Link;
  /** Deaths of a relay after which a message is set aside. */
  readonly maxDeaths: number;
}

/** At most one message at a time. */
export class Trial {
  readonly #options: TrialOptions;
  readonly #dispatch: Dispatch;
  readonly #expiration: Expiration;
  #seq: number | null = null;
  /** When the message will have proven harmless (monotonic ms); `Infinity` once it has. */
  #acquitsAtMs = Infinity;

  /** Creates a bench with nobody on trial. */
  constructor(
    options: TrialOptions,
    dispatch: Dispatch,
    expiration: Expiration,
  ) {
    this.#options = options;
    this.#dispatch = dispatch;
    this.#expiration = expiration;
  }

  /** Whether a message is on its way alone, or about to be. */
  get isOn(): boolean {
    return this.#seq !== null;
  }

  /** How long until the message has proven harmless, in ms. */
  get acquitsInMs(): number {
    return this.#acquitsAtMs - this.#options.clock.monotonicMs();
  }

  /**
   * Owes a record of the next message, after which it is sent alone; or sets
   * it aside, if too many relays died of it.
   */
  begin(tenure: Tenure): void {
    const { clock, maxDeaths } = this.#options;
    const next = tenure.lanes.take();
    if (next === null) return;
    const { message, lane } = next;
    const { seq } = message;
    const earlier = tenure.setAside.get(seq);
    if (earlier !== undefined && earlier.deaths >= maxDeaths) {
      const { onDead } = this.#options;
      const nowMs = clock.nowMs();
      const record = condemned({ message, earlier, onDead, nowMs });
      const { code, reason } = record;
      const failure = { code, reason };
      return bury(this.#options, tenure, lane, message, { failure, record });
    }
    // From now on: the record may fail, and nobody else may go before it is made.
    this.#seq = seq;
    const { boot } = tenure;
    const record = onTrial({ message, earlier, boot, nowMs: clock.nowMs() });
    const afterwards = () => this.#send(tenure, lane, message);
    tenure.owe({ seq, kind: "trial", record, afterwards });
  }

  /** A message that lives on unanswered for long enough did not kill the relay. */
  acquit(tenure: Tenure): void {
    if (this.acquitsInMs > 0) return;
    this.#acquitsAtMs = Infinity;
    const record = tenure.setAside.get(this.#seq ?? 0);
    if (record === undefined) return;
    tenure.owe({
      seq: record.seq,
      kind: "trial",
      record: outlived(record),
      afterwards: () => {},
    });
  }

  /** A message has an outcome: if it was on trial, that is over. */
  landed({ message }: Flight): void {
    if (message.seq === this.#seq) this.abandon();
  }

  /** Forgets whoever is on trial. */
  abandon(): void {
    this.#seq = null;
    this.#acquitsAtMs = Infinity;
  }

  /** Nobody can die of what was not sent. */
  #takeBack(tenure: Tenure, lane: Lane, { seq }: Message): void {
    this.abandon();
    const record = tenure.setAside.get(seq);
    const afterwards = () => tenure.lanes.putBack(lane, seq);
    if (record === undefined) return afterwards();
    tenure.owe({ seq, kind: "trial", record: outlived(record), afterwards });
  }

  #send(tenure: Tenure, lane: Lane, message: Message): void {
    const { clock, link: { connection } } = this.#options;
    // The record took its time: the connection or the lease may be gone, or all be over.
    const mayGo = tenure.validForMs > 0 && !this.#dispatch.isHalted &&
      !this.#expiration.isExpired(message);
    if (connection === null || !mayGo) {
      return this.#takeBack(tenure, lane, message);
    }
    tenure.noteSent();
    this.#acquitsAtMs = clock.monotonicMs() + TRIAL_MS;
    const terms = this.#expiration.termsOf(message);
    this.#dispatch.send({ message, lane, connection, terms });
  }
}
