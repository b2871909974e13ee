/**
 * The consumer: receives messages and acts once upon each.
 *
 * @module
 */

import type { LinkState } from "./link.ts";
import { Consumption } from "./consumption.ts";
import {
  type ConsumerOptions,
  resolveConsumerOptions,
  type ResolvedConsumerOptions,
} from "./consumer_options.ts";
import { Correspondence } from "./correspondence.ts";
import { MailboatError } from "./errors.ts";
import { Handling } from "./handling.ts";
import type { Letter } from "./letter_box.ts";
import { checkedNumber, checkedSignal, readOptions } from "./logic/options.ts";
import type { ConsumerCounters } from "./sequel.ts";

/** What `consumer.status()` shows. */
export interface ConsumerStatus {
  /** `stopped`, `running`, or `stopping`. */
  readonly state: "stopped" | "running" | "stopping";
  /** The connection to the broker. */
  readonly link: LinkState;
  /** Messages that arrived and are not handled. */
  readonly pending: number;
  /** Those of them that are being handled. */
  readonly underway: number;
  /** Keys that wait, as a handler failed. */
  readonly waitingKeys: number;
  /** What this consumer has done since it was created. */
  readonly counters: Readonly<ConsumerCounters>;
}

/** Receives messages and acts once upon each. */
export interface Consumer {
  /**
   * Receives and handles until `signal` aborts or {@link Consumer.stop} is called.
   *
   * **Promises** that a message is acknowledged to the broker after what its
   * handler did is committed, and handled once for as long as the inbox
   * recognises it; those of one key in the order in which the broker sent them.
   * **May fail with** `CONSUMER_RUNNING`; a broker or a database that is away
   * is no failure.
   * **Must not** be called twice at a time.
   */
  run(options?: { readonly signal?: AbortSignal }): Promise<void>;

  /**
   * Stops: begins nothing new, waits for handlers for `graceMs`, disconnects.
   * What is not acknowledged is delivered again next time.
   *
   * **Promises** to resolve when nothing is handled any more, or after
   * `graceMs`: a handler cannot be interrupted, and may still commit.
   * **May fail with** an {@link InputError}.
   */
  stop(options?: { readonly graceMs?: number }): Promise<void>;

  /** The network is back: a consumer that waits before it connects again does so at once. */
  online(): void;

  /** What the consumer knows about itself; never waits. */
  status(): ConsumerStatus;

  /**
   * Lists what was set aside, by ascending number: those above `after`.
   *
   * **May fail with** an {@link InputError} or a {@link StorageError}.
   */
  letters(
    options?: { readonly after?: number; readonly limit?: number },
  ): Promise<readonly Letter[]>;

  /**
   * Handles a message that was set aside, and removes it, in one transaction.
   * It goes out of order: its key went on without it.
   *
   * **Promises** false when it is not there; nothing is changed when it fails.
   * **May fail with** `LETTER_REFUSED`, with the reason, or a {@link StorageError}.
   */
  retry(letter: number): Promise<boolean>;

  /**
   * Removes a message that was set aside; false when it is not there.
   *
   * **May fail with** an {@link InputError} or what the database throws.
   */
  discard(letter: number): Promise<boolean>;

  /** Stops. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Creates a consumer. It does nothing before `run`.
 *
 * @throws {InputError} `INVALID_OPTION` naming the option, its value and its bound.
 *
 * @example
 * ```ts
 * await using consumer = createConsumer({
 *   consumer: "billing",
 *   subscriber: mqttSubscriber("mqtt://127.0.0.1", { topics: ["meters/+"] }),
 *   storage,
 *   database: drizzleTransactions(db),
 *   handlers: (on) => [
 *     on(meterRead, async (tx, { data }) => {
 *       await tx.insert(readings).values(data);
 *     }),
 *   ],
 * });
 * await consumer.run({ signal });
 * ```
 */
export function createConsumer<Tx>(
  options: ConsumerOptions<Tx>,
): Consumer {
  return new EventConsumer(resolveConsumerOptions(options));
}

class EventConsumer<Tx> implements Consumer {
  readonly #options: ResolvedConsumerOptions<Tx>;
  readonly #counters: ConsumerCounters = {
    handled: 0,
    duplicates: 0,
    ignored: 0,
    failed: 0,
    setAside: 0,
  };
  /** One for everything, so that there are never more transactions than told. */
  readonly #handling: Handling<Tx>;
  readonly #correspondence: Correspondence<Tx>;
  #consumption: Consumption<Tx> | null = null;
  #finished: Promise<void> = Promise.resolve();
  /** When to stop waiting for handlers (monotonic ms); finite once stopping. */
  #endsAtMs = Infinity;

  constructor(options: ResolvedConsumerOptions<Tx>) {
    this.#options = options;
    const { letters } = options.storage;
    this.#handling = new Handling({ ...options, letters });
    this.#correspondence = new Correspondence(options, this.#handling);
  }

  async run(options: { readonly signal?: AbortSignal } = {}): Promise<void> {
    const action = "run the consumer";
    const signal = readOptions(
      { action, options },
      (given) => checkedSignal(action, given.signal),
    );
    if (this.#consumption !== null) {
      throw new MailboatError(
        "CONSUMER_RUNNING",
        "Cannot run the consumer as it is running already",
      );
    }
    const consumption = new Consumption({
      options: this.#options,
      counters: this.#counters,
      handling: this.#handling,
    });
    this.#consumption = consumption;
    this.#endsAtMs = Infinity;
    const onAbort = () => this.#stopWithin(this.#options.graceMs);
    signal?.addEventListener("abort", onAbort);
    if (signal?.aborted) onAbort();
    this.#finished = this.#work(consumption);
    try {
      await this.#finished;
    } finally {
      this.#consumption = null;
      signal?.removeEventListener("abort", onAbort);
    }
  }

  async stop(options: { readonly graceMs?: number } = {}): Promise<void> {
    const action = "stop the consumer";
    const graceMs = readOptions({ action, options }, (given) =>
      checkedNumber({
        action,
        option: "graceMs",
        value: given.graceMs,
        default: this.#options.graceMs,
        min: 0,
      }));
    this.#stopWithin(graceMs);
    await this.#finished;
  }

  online(): void {
    this.#consumption?.link.online();
  }

  status(): ConsumerStatus {
    const consumption = this.#consumption;
    const stopping = this.#endsAtMs < Infinity;
    return {
      state: consumption === null
        ? "stopped"
        : stopping
        ? "stopping"
        : "running",
      link: consumption?.link.state ?? { kind: "offline" },
      pending: consumption?.pending ?? 0,
      underway: consumption?.underway ?? 0,
      waitingKeys: consumption?.waitingKeys ?? 0,
      counters: { ...this.#counters },
    };
  }

  letters(
    options: { readonly after?: number; readonly limit?: number } = {},
  ): Promise<readonly Letter[]> {
    return this.#correspondence.list(options);
  }

  retry(letter: number): Promise<boolean> {
    return this.#correspondence.retry(letter);
  }

  discard(letter: number): Promise<boolean> {
    return this.#correspondence.discard(letter);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  #stopWithin(graceMs: number): void {
    if (this.#consumption === null) return;
    const endsAtMs = this.#options.clock.monotonicMs() + graceMs;
    this.#endsAtMs = Math.min(this.#endsAtMs, endsAtMs);
    this.#consumption.halt();
  }

  async #work(consumption: Consumption<Tx>): Promise<void> {
    const { clock } = this.#options;
    while (this.#endsAtMs === Infinity || consumption.underway > 0) {
      const restMs = this.#endsAtMs - clock.monotonicMs();
      if (restMs <= 0) break;
      const waitMs = Math.min(consumption.pass(), restMs);
      if (waitMs > 0) await consumption.alarm.wait(Math.ceil(waitMs));
      else await clock.turn();
    }
    await consumption.end();
  }
}
