/**
 * The subscriber harness: what the conformance cases need to know about a
 * broker beside the contract, and what it must be able to do.
 *
 * @module
 */

import type { Subscriber } from "../../../mod.ts";

/** A subscriber, and a broker that keeps its session. */
export interface SubscriberHarness {
  /** The subscriber under test, subscribed to the topic of {@link publish}. */
  readonly subscriber: Subscriber;
  /** Publishes messages, in order; resolves when the broker has them. */
  publish(payloads: readonly Uint8Array[]): Promise<void>;
  /** The broker, or the network, ends every connection. */
  cut(): Promise<void>;
  /** The broker goes away for good: nobody listens. */
  stop(): Promise<void>;
  /** Gives everything back. */
  close(): Promise<void>;
}

/** Makes a harness around a broker that has no session yet. */
export type CreateSubscriberHarness = () => Promise<SubscriberHarness>;
