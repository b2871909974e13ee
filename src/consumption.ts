/**
 * The consumption: everything a consumer does between its start and its end.
 *
 * Deliveries come in by one connection at a time, are handled in order per
 * key, and are acknowledged once what they caused is committed.
 *
 * @module
 */

import { Alarm } from "./alarm.ts";
import type { ConsumerEvent, ReceivedRef } from "./consumer_event.ts";
import type { ResolvedConsumerOptions } from "./consumer_options.ts";
import { decodeEvent } from "./decode_event.ts";
import { Handling, type Received, type Result } from "./handling.ts";
import { Link } from "./link.ts";
import { Deliveries, type Strand } from "./logic/deliveries.ts";
import { fullJitter } from "./logic/retry.ts";
import type { DecodedEvent } from "./logic/received_event.ts";
import { contained } from "./observe.ts";
import type { Delivery, Subscription } from "./subscriber.ts";
import type { SendFailure } from "./transport.ts";

/** What a consumer has done since it was made. */
export interface ConsumerCounters {
  /** Messages handled. */
  handled: number;
  /** Messages that had been handled before. */
  duplicates: number;
  /** Messages that no handler knows. */
  ignored: number;
  /** Failed tries. */
  failed: number;
  /** Messages set aside. */
  setAside: number;
}

/** A message that arrived, and the connection that it may be acknowledged on. */
interface Arrival extends Received {
  readonly delivery: Delivery;
  /** Counts connections. */
  readonly line: number;
  readonly ref: ReceivedRef;
}

/** Failed tries are remembered of so many messages. */
const MAX_REMEMBERED = 10_000;

/** One consumer at work. */
export class Consumption<Tx> {
  readonly alarm: Alarm;
  readonly link: Link<Subscription>;
  readonly #options: ResolvedConsumerOptions<Tx>;
  readonly #counters: ConsumerCounters;
  readonly #observe: (event: ConsumerEvent) => void;
  readonly #handling: Handling<Tx>;
  readonly #deliveries: Deliveries<Arrival> = new Deliveries();
  /** Failed tries by message, over every redelivery. */
  readonly #attempts: Map<string, number> = new Map();
  /** Decoding takes turns, so that nothing overtakes. */
  #decoded: Promise<void> = Promise.resolve();
  #line = 0;
  #isHalted = false;

  /** Creates a consumption that has done nothing yet. */
  constructor(
    options: ResolvedConsumerOptions<Tx>,
    counters: ConsumerCounters,
  ) {
    const { clock, storage: { letters } } = options;
    this.#options = options;
    this.#counters = counters;
    this.#observe = contained(options.observe);
    this.alarm = new Alarm(clock);
    this.#handling = new Handling({ ...options, letters });
    this.link = new Link({
      ...options,
      observe: this.#observe,
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
      void this.#work(strand);
    }
    const { state, retryAtMs } = this.link;
    const waits = [this.#deliveries.nextDueMs - nowMs];
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
    const line = ++this.#line;
    return await subscriber.subscribe({
      identity,
      signal,
      onDelivery: (delivery) => {
        this.#decoded = this.#decoded.then(() => this.#arrive(delivery, line));
      },
    });
  }

  async #arrive(delivery: Delivery, line: number): Promise<void> {
    const decoded = await decodeEvent(delivery);
    if (line !== this.#line || this.#isHalted) return;
    const ref = refOf(delivery, decoded);
    this.#deliveries.add(laneOf(decoded), { delivery, decoded, line, ref });
    this.alarm.ring();
  }

  /** What was not begun comes again; what is under way may still commit. */
  #lost(failure: SendFailure): void {
    const inFlight = this.#deliveries.size;
    this.#line += 1;
    this.#deliveries.drop(() => true);
    const { subscriber: { name: transport } } = this.#options;
    this.#observe({ type: "transport.lost", transport, failure, inFlight });
  }

  async #work(strand: Strand<Arrival>): Promise<void> {
    const arrival = strand.items[0]!;
    const result = await this.#handling.handle(arrival);
    await this.#conclude(strand, arrival, result);
    this.alarm.ring();
  }

  async #conclude(
    strand: Strand<Arrival>,
    arrival: Arrival,
    result: Result,
  ): Promise<void> {
    const { maxAttempts } = this.#options;
    const { ref } = arrival;
    switch (result.kind) {
      case "handled":
        this.#counters.handled += 1;
        this.#observe({ type: "message.handled", message: ref });
        return this.#done(strand, arrival);
      case "duplicate":
        this.#counters.duplicates += 1;
        this.#observe({ type: "message.duplicate", message: ref });
        return this.#done(strand, arrival);
      case "ignored":
        this.#counters.ignored += 1;
        this.#observe({ type: "message.ignored", message: ref });
        return this.#done(strand, arrival);
      case "refused":
        return await this.#setAside(strand, arrival, result.failure, 1);
      case "failed": {
        const before = this.#attempts.get(nameOf(ref)) ?? 0;
        const attempts = result.blameless ? before : before + 1;
        if (attempts >= maxAttempts) {
          return await this.#setAside(
            strand,
            arrival,
            result.failure,
            attempts,
          );
        }
        this.#remember(ref, attempts);
        this.#again(strand, arrival, result.failure, attempts);
      }
    }
  }

  #done(strand: Strand<Arrival>, { delivery, ref }: Arrival): void {
    this.#attempts.delete(nameOf(ref));
    this.#deliveries.handled(strand);
    delivery.acknowledge();
    this.link.answered({ kind: "delivered" });
  }

  async #setAside(
    strand: Strand<Arrival>,
    arrival: Arrival,
    failure: SendFailure,
    attempts: number,
  ): Promise<void> {
    const { clock } = this.#options;
    const { ref: message } = arrival;
    try {
      const nowMs = clock.nowMs();
      await this.#handling.setAside(arrival, { failure, attempts, nowMs });
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      return this.#again(strand, arrival, {
        code: "NOT_SET_ASIDE",
        reason,
      }, attempts);
    }
    this.#counters.setAside += 1;
    this.#observe({ type: "message.set_aside", message, failure, attempts });
    this.#done(strand, arrival);
  }

  #again(
    strand: Strand<Arrival>,
    { ref: message }: Arrival,
    failure: SendFailure,
    attempts: number,
  ): void {
    const { clock, random, retryBaseMs, retryCapMs } = this.#options;
    const retryInMs = fullJitter({
      attempts: Math.max(1, attempts),
      baseMs: retryBaseMs,
      capMs: retryCapMs,
      random: random.fraction(),
    });
    this.#counters.failed += 1;
    this.#observe({
      type: "message.failed",
      message,
      failure,
      attempts,
      retryInMs,
    });
    this.#deliveries.failed(strand, clock.monotonicMs() + retryInMs);
  }

  /** The oldest memories go first; theirs begin to count anew. */
  #remember(ref: ReceivedRef, attempts: number): void {
    const name = nameOf(ref);
    this.#attempts.delete(name);
    this.#attempts.set(name, attempts);
    for (const oldest of this.#attempts.keys()) {
      if (this.#attempts.size <= MAX_REMEMBERED) return;
      this.#attempts.delete(oldest);
    }
  }
}

/** Keys are the producer's own. */
function laneOf(decoded: DecodedEvent): string | null {
  if (decoded.kind === "malformed" || decoded.event.key === null) return null;
  return JSON.stringify([decoded.event.source, decoded.event.key]);
}

function refOf({ topic }: Delivery, decoded: DecodedEvent): ReceivedRef {
  if (decoded.kind === "malformed") {
    return { topic, id: null, source: null, event: null, key: null };
  }
  const { id, source, type: event, key } = decoded.event;
  return { topic, id, source, event, key };
}

/** What is no event is never tried twice. */
function nameOf({ source, id }: ReceivedRef): string {
  return JSON.stringify([source, id]);
}
