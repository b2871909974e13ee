/**
 * The consumption: everything a consumer does between its start and its end.
 *
 * Deliveries come in by one connection at a time, are handled in order per
 * key, and are acknowledged once what they caused is committed.
 *
 * @module
 */

import { Alarm } from "./alarm.ts";
import { type Arrival, arrivalOf } from "./arrival.ts";
import type { ConsumerEvent } from "./consumer_event.ts";
import type { ResolvedConsumerOptions } from "./consumer_options.ts";
import type { Handling } from "./handling.ts";
import { Link } from "./link.ts";
import { Deliveries, type Strand } from "./logic/deliveries.ts";
import { FailedTries } from "./logic/failed_tries.ts";
import { SlowTries } from "./logic/slow_tries.ts";
import { contained } from "./observe.ts";
import { type ConsumerCounters, Sequel } from "./sequel.ts";
import type { Delivery, Subscription } from "./subscriber.ts";
import type { SendFailure } from "./transport.ts";

/** Failed tries are remembered of so many messages. */
const MAX_REMEMBERED = 10_000;

/** What a consumption needs. */
export interface ConsumptionParts<Tx> {
  readonly options: ResolvedConsumerOptions<Tx>;
  readonly counters: ConsumerCounters;
  readonly handling: Handling<Tx>;
}

/** One consumer at work. */
export class Consumption<Tx> {
  readonly alarm: Alarm;
  readonly link: Link<Subscription>;
  readonly #options: ResolvedConsumerOptions<Tx>;
  readonly #observe: (event: ConsumerEvent) => void;
  readonly #handling: Handling<Tx>;
  readonly #sequel: Sequel<Tx>;
  readonly #deliveries: Deliveries<Arrival> = new Deliveries();
  readonly #tries: FailedTries = new FailedTries(MAX_REMEMBERED);
  readonly #slow: SlowTries<Strand<Arrival>>;
  #line = 0;
  #isHalted = false;

  /** Creates a consumption that has done nothing yet. */
  constructor({ options, counters, handling }: ConsumptionParts<Tx>) {
    const observe = contained(options.observe);
    this.#options = options;
    this.#observe = observe;
    this.#handling = handling;
    this.#slow = new SlowTries(options.slowHandlerMs);
    this.alarm = new Alarm(options.clock);
    this.#sequel = new Sequel({
      options,
      counters,
      observe,
      handling,
      deliveries: this.#deliveries,
      tries: this.#tries,
      onAcknowledged: ({ line }) => {
        // The end of old work says nothing about the broker of today.
        if (line === this.#line) this.link.answered({ kind: "delivered" });
      },
    });
    this.link = new Link({
      ...options,
      observe,
      transport: {
        name: options.subscriber.name,
        connect: ({ signal }) => this.#subscribe(signal),
      },
      onChange: () => this.alarm.ring(),
      onLost: (_, failure) => this.#lost(failure),
    });
  }

  /** Messages that are being handled. */
  get underway(): number {
    return this.#deliveries.underway;
  }

  /** Messages that arrived and are not handled. */
  get pending(): number {
    return this.#deliveries.size;
  }

  /** Keys that wait to be tried again. */
  get waitingKeys(): number {
    return this.#deliveries.waiting;
  }

  /** One pass; returns how long nothing more can be done, in ms. */
  pass(): number {
    const { clock, concurrency, consumer } = this.#options;
    if (this.#isHalted) return Infinity;
    this.link.connect(consumer);
    const nowMs = clock.monotonicMs();
    while (this.#deliveries.underway < concurrency) {
      const strand = this.#deliveries.take(nowMs);
      if (strand === null) break;
      this.#slow.begun(strand, nowMs);
      void this.#work(strand);
    }
    this.#tellSlow(nowMs);
    const { state, retryAtMs } = this.link;
    const { nextDueMs } = this.#deliveries;
    const waits = [Math.min(nextDueMs, this.#slow.nextDueMs) - nowMs];
    if (state.kind === "waiting") waits.push(retryAtMs - nowMs);
    return Math.max(0, Math.min(...waits));
  }

  /** Nothing new is begun any more. */
  halt(): void {
    this.#isHalted = true;
    this.alarm.ring();
  }

  /** Ends the connection; what is not acknowledged will be delivered again. */
  async end(): Promise<void> {
    this.halt();
    await this.link.close();
    this.#observe({ type: "stopped" });
  }

  async #subscribe(signal: AbortSignal): Promise<Subscription> {
    const { subscriber, consumer: identity } = this.#options;
    // A broker may deliver before it has answered, and refuse after that.
    const line = this.#nextLine();
    return await subscriber.subscribe({
      identity,
      signal,
      onDelivery: (delivery) => {
        if (line === this.#line && !signal.aborted) this.#arrive(delivery);
      },
    });
  }

  #arrive(delivery: Delivery): void {
    if (this.#isHalted) return;
    const arrival = arrivalOf(delivery, this.#line);
    const { notBeforeMs } = this.#tries.of(arrival.name);
    this.#deliveries.add(arrival.lane, arrival, notBeforeMs);
    this.alarm.ring();
  }

  #lost(failure: SendFailure): void {
    const inFlight = this.#deliveries.size;
    this.#nextLine();
    const { subscriber: { name: transport } } = this.#options;
    this.#observe({ type: "transport.lost", transport, failure, inFlight });
  }

  /** What was not begun comes again; what is under way may still commit. */
  #nextLine(): number {
    this.#deliveries.drop();
    return ++this.#line;
  }

  #tellSlow(nowMs: number): void {
    const { slowHandlerMs: afterMs } = this.#options;
    for (const { items } of this.#slow.take(nowMs)) {
      const { ref: message } = items[0]!;
      this.#observe({ type: "message.slow", message, afterMs });
    }
  }

  async #work(strand: Strand<Arrival>): Promise<void> {
    const result = await this.#handling.handle(strand.items[0]!);
    this.#slow.ended(strand);
    await this.#sequel.conclude(strand, result);
    this.alarm.ring();
  }
}
