/**
 * The bench on which a subscriber is tried: a harness, the subscriptions opened
 * on it, what they delivered, and a limit to every wait.
 *
 * @module
 */

import { type Delivery, type Subscription, systemClock } from "../../../mod.ts";
import { check } from "./checks.ts";
import type {
  CreateSubscriberHarness,
  SubscriberHarness,
} from "./subscriber_harness.ts";

/** A case that is given a bench of its own. */
export interface SubscriberCase {
  /** The behaviour. */
  readonly name: string;
  /** Tries it. */
  readonly run: (bench: SubscriberBench) => Promise<void>;
}

/** Gives a case its bench, and clears it away. */
export async function onSubscriberBench(
  create: CreateSubscriberHarness,
  patienceMs: number,
  { run }: SubscriberCase,
): Promise<void> {
  const bench = new SubscriberBench(await create(), patienceMs);
  try {
    await run(bench);
  } finally {
    await bench.close();
  }
}

/** A subscription and what it has delivered so far. */
export interface Line {
  readonly subscription: Subscription;
  readonly deliveries: readonly Delivery[];
}

/** Enough for what is ready to happen, on the way to a broker on this machine too. */
const BREATH_MS = 100;
const POLL_MS = 2;

/** A harness, and the subscriptions opened on it. */
export class SubscriberBench {
  /** What is around the subscriber. */
  readonly harness: SubscriberHarness;
  readonly #patienceMs: number;
  readonly #clock = systemClock();
  readonly #subscriptions: Subscription[] = [];

  /** Takes over a harness; nothing is waited for longer than `patienceMs`. */
  constructor(harness: SubscriberHarness, patienceMs: number) {
    this.harness = harness;
    this.#patienceMs = patienceMs;
  }

  /** Subscribes, always under the same identity. */
  async subscribe(
    signal: AbortSignal = new AbortController().signal,
  ): Promise<Line> {
    const deliveries: Delivery[] = [];
    const subscription = await this.harness.subscriber.subscribe({
      identity: "conformance",
      signal,
      onDelivery: (delivery) => deliveries.push(delivery),
    });
    this.#subscriptions.push(subscription);
    return { subscription, deliveries };
  }

  /** Waits until as many deliveries are there; returns their numbers. */
  async numbers(line: Line, count: number): Promise<number[]> {
    await this.until(
      () => line.deliveries.length >= count,
      `${count} deliveries`,
    );
    return numbersOf(line);
  }

  /** Waits for a condition. */
  async until(condition: () => boolean, what: string): Promise<void> {
    const endsMs = this.#clock.monotonicMs() + this.#patienceMs;
    while (!condition()) {
      check(this.#clock.monotonicMs() < endsMs, `${what} came in time`);
      await this.#clock.sleep(POLL_MS);
    }
  }

  /** Lets happen what must not. */
  async breathe(): Promise<void> {
    await this.#clock.sleep(BREATH_MS);
  }

  /** Waits for the end of a promise. */
  async within<T>(work: Promise<T>, what: string): Promise<T> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    await this.until(() => ended, what);
    return await work;
  }

  /** Gives everything back. */
  async close(): Promise<void> {
    for (const subscription of this.#subscriptions) await subscription.close();
    await this.harness.close();
  }
}

/** Payloads that are told apart. */
export function numbered(...numbers: readonly number[]): Uint8Array[] {
  return numbers.map((number) => Uint8Array.of(number));
}

/** The numbers of what was delivered. */
export function numbersOf({ deliveries }: Line): number[] {
  return deliveries.map(({ payload }) => payload[0] ?? -1);
}
