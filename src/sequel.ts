/**
 * The sequel: what follows from the handling of a message. It is acknowledged,
 * tried again later, or set aside.
 *
 * @module
 */

import type { Arrival } from "./arrival.ts";
import type { ConsumerEvent } from "./consumer_event.ts";
import type { ResolvedConsumerOptions } from "./consumer_options.ts";
import { reasonOf } from "./errors.ts";
import type { Handling, Result } from "./handling.ts";
import type { Deliveries, Strand } from "./logic/deliveries.ts";
import type { FailedTries } from "./logic/failed_tries.ts";
import { fullJitter } from "./logic/retry.ts";
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

/** What a sequel needs. */
export interface SequelParts<Tx> {
  readonly options: Pick<
    ResolvedConsumerOptions<Tx>,
    "clock" | "random" | "maxAttempts" | "retryBaseMs" | "retryCapMs"
  >;
  readonly counters: ConsumerCounters;
  readonly observe: (event: ConsumerEvent) => void;
  readonly handling: Handling<Tx>;
  readonly deliveries: Deliveries<Arrival>;
  readonly tries: FailedTries;
  /** Called when a message was acknowledged. */
  readonly onAcknowledged: (arrival: Arrival) => void;
}

const PASSED = {
  handled: { counter: "handled", type: "message.handled" },
  duplicate: { counter: "duplicates", type: "message.duplicate" },
  ignored: { counter: "ignored", type: "message.ignored" },
} as const;

/** Draws the consequences. */
export class Sequel<Tx> {
  readonly #parts: SequelParts<Tx>;

  /** Draws them in the given places. */
  constructor(parts: SequelParts<Tx>) {
    this.#parts = parts;
  }

  /** The first message of a strand came to a result. */
  async conclude(strand: Strand<Arrival>, result: Result): Promise<void> {
    const { options: { maxAttempts }, tries } = this.#parts;
    const arrival = strand.items[0]!;
    switch (result.kind) {
      case "refused":
        return await this.#setAside(strand, arrival, result.failure, 1);
      case "failed": {
        const { count } = tries.of(arrival.name);
        const attempts = result.blameless ? count : count + 1;
        return attempts < maxAttempts
          ? this.#again(strand, arrival, result.failure, attempts)
          : await this.#setAside(strand, arrival, result.failure, attempts);
      }
      default:
        return this.#pass(strand, arrival, result.kind);
    }
  }

  #pass(
    strand: Strand<Arrival>,
    arrival: Arrival,
    kind: keyof typeof PASSED,
  ): void {
    const { counters, observe } = this.#parts;
    const { counter, type } = PASSED[kind];
    counters[counter] += 1;
    observe({ type, message: arrival.ref });
    this.#done(strand, arrival);
  }

  #done(strand: Strand<Arrival>, arrival: Arrival): void {
    const { tries, deliveries, onAcknowledged } = this.#parts;
    tries.forget(arrival.name);
    deliveries.handled(strand);
    arrival.delivery.acknowledge();
    onAcknowledged(arrival);
  }

  async #setAside(
    strand: Strand<Arrival>,
    arrival: Arrival,
    failure: SendFailure,
    attempts: number,
  ): Promise<void> {
    const { options: { clock }, counters, observe, handling } = this.#parts;
    const nowMs = clock.nowMs();
    let isPut: boolean;
    try {
      isPut = await handling.setAside(arrival, { failure, attempts, nowMs });
    } catch (thrown) {
      const reason = reasonOf(thrown);
      const notSetAside = { code: "NOT_SET_ASIDE", reason };
      return this.#again(strand, arrival, notSetAside, attempts);
    }
    // A commit that was thought to have failed.
    if (!isPut) return this.#pass(strand, arrival, "duplicate");
    counters.setAside += 1;
    const { ref: message } = arrival;
    observe({ type: "message.set_aside", message, failure, attempts });
    this.#done(strand, arrival);
  }

  /** It goes again; also when it is delivered anew, not before its time. */
  #again(
    strand: Strand<Arrival>,
    { ref: message, name }: Arrival,
    failure: SendFailure,
    attempts: number,
  ): void {
    const { options, counters, observe, deliveries, tries } = this.#parts;
    const { clock, random, retryBaseMs, retryCapMs } = options;
    const inARow = tries.of(name).inARow + 1;
    const retryInMs = fullJitter({
      attempts: inARow,
      baseMs: retryBaseMs,
      capMs: retryCapMs,
      random: random.fraction(),
    });
    const notBeforeMs = clock.monotonicMs() + retryInMs;
    // What could not be set aside is handled once more before the next try to.
    const count = Math.min(attempts, options.maxAttempts - 1);
    tries.remember(name, { count, inARow, notBeforeMs });
    counters.failed += 1;
    observe({ type: "message.failed", message, failure, attempts, retryInMs });
    deliveries.failed(strand, notBeforeMs);
  }
}
