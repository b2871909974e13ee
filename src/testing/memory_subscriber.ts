/**
 * The subscriber contract in memory: a broker that keeps one session, for
 * tests that need none over a network.
 *
 * @module
 */

import {
  type DeliveryProperties,
  type SendFailure,
  type Subscriber,
  type SubscribeRequest,
  type Subscription,
  TransportError,
} from "../../mod.ts";
import { checkedNumber, readOptions } from "../logic/options.ts";

/** A message to be delivered. */
export interface MemoryDelivery {
  /** Where it was published. */
  readonly topic: string;
  /** The payload. */
  readonly payload: Uint8Array;
  /** The properties; absent as on MQTT 3.1.1. */
  readonly properties?: DeliveryProperties;
}

/** How a memory subscriber behaves. */
export interface MemorySubscriberOptions {
  /**
   * How many deliveries may be unacknowledged at a time.
   *
   * @default {64}
   */
  readonly window?: number;
}

/** A {@link Subscriber} in memory, with a broker's controls. */
export interface MemorySubscriber extends Subscriber {
  /** Publishes a message: it is delivered until it is acknowledged. */
  publish(message: MemoryDelivery): void;
  /** Ends the connection, as a broker or a network does. */
  cut(failure?: SendFailure): void;
  /** Whether the broker can be reached. */
  reachable: boolean;
  /** Whether somebody is connected. */
  readonly connected: boolean;
  /** Messages that were acknowledged, in the order of that. */
  readonly acknowledged: readonly MemoryDelivery[];
  /** Messages that are not acknowledged, in the order of their publication. */
  readonly waiting: readonly MemoryDelivery[];
}

/**
 * Creates a subscriber without messages.
 *
 * @throws {InputError} `INVALID_OPTION`.
 *
 * @example
 * ```ts
 * const subscriber = createMemorySubscriber();
 * subscriber.publish({ topic: "meters/m-1", payload });
 * ```
 */
export function createMemorySubscriber(
  options: MemorySubscriberOptions = {},
): MemorySubscriber {
  const action = "create a memory subscriber";
  return readOptions(
    { action, options },
    (given) =>
      new MemorySession(checkedNumber({
        action,
        option: "window",
        value: given.window,
        default: 64,
        min: 1,
      })),
  );
}

/** A connection, and the messages that were handed over on it. */
interface Line {
  readonly request: SubscribeRequest;
  readonly delivered: Set<MemoryDelivery>;
  readonly end: (failure: SendFailure) => void;
}

class MemorySession implements MemorySubscriber {
  readonly name = "memory";
  reachable = true;
  readonly acknowledged: MemoryDelivery[] = [];
  readonly #window: number;
  #waiting: MemoryDelivery[] = [];
  #line: Line | null = null;

  constructor(window: number) {
    this.#window = window;
  }

  get connected(): boolean {
    return this.#line !== null;
  }

  get waiting(): readonly MemoryDelivery[] {
    return [...this.#waiting];
  }

  publish(message: MemoryDelivery): void {
    // A copy, as the same object may be published twice.
    this.#waiting.push({ ...message });
    this.#deliver();
  }

  cut(failure: SendFailure = { code: "CUT", reason: "The test cut it" }): void {
    this.#line?.end(failure);
  }

  subscribe(request: SubscribeRequest): Promise<Subscription> {
    if (!this.reachable || request.signal.aborted) {
      return Promise.reject(
        new TransportError(
          "TRANSPORT_UNAVAILABLE",
          "Cannot connect to memory as the test made it unreachable",
        ),
      );
    }
    // The same session again: a broker ends the older connection.
    this.cut({ code: "TAKEN_OVER", reason: "Somebody else connected" });
    let end: Line["end"] = () => {};
    const closed = new Promise<SendFailure>((resolve) => {
      end = (failure) => {
        if (this.#line === line) this.#line = null;
        resolve(failure);
      };
    });
    const line: Line = {
      request,
      delivered: new Set(),
      end: (why) => end(why),
    };
    this.#line = line;
    void Promise.resolve().then(() => this.#deliver());
    return Promise.resolve({
      window: this.#window,
      closed,
      close: () => {
        line.end({ code: "CLOSED", reason: "Closed by this side" });
        return Promise.resolve();
      },
    });
  }

  #deliver(): void {
    const line = this.#line;
    if (line === null) return;
    for (const message of this.#waiting) {
      if (line.delivered.has(message)) continue;
      const underway = this.#waiting.filter((one) => line.delivered.has(one));
      if (underway.length >= this.#window) return;
      line.delivered.add(message);
      line.request.onDelivery({
        ...message,
        acknowledge: () => this.#acknowledge(line, message),
      });
    }
  }

  #acknowledge(line: Line, message: MemoryDelivery): void {
    if (this.#line !== line || !this.#waiting.includes(message)) return;
    this.#waiting = this.#waiting.filter((one) => one !== message);
    this.acknowledged.push(message);
    this.#deliver();
  }
}
