/**
 * Subscribers that break one promise each.
 *
 * @module
 */

import type {
  Delivery,
  Subscriber,
  SubscribeRequest,
  Subscription,
} from "@mailboat/outbox";
import type { Guarantee } from "./guarantees.ts";

/** A subscriber with one fault. */
export interface BrokenSubscriber {
  /** What it breaks. */
  readonly guarantee: Guarantee;
  /** How. */
  readonly fault: string;
  /** A case that must fail. */
  readonly killedBy: string;
  /** Puts the fault around a sound one. */
  readonly breaks: (sound: Subscriber) => Subscriber;
}

/** Changes what is asked of a subscriber, and what comes of it. */
const changing = (
  change: (request: SubscribeRequest) => SubscribeRequest,
  result: (subscription: Subscription) => Subscription = (same) => same,
): Pick<BrokenSubscriber, "breaks"> => ({
  breaks: (sound) => ({
    name: sound.name,
    subscribe: async (request) =>
      result(await sound.subscribe(change(request))),
  }),
});

const delivering = (
  change: (delivery: Delivery) => Delivery,
): Pick<BrokenSubscriber, "breaks"> =>
  changing((request) => ({
    ...request,
    onDelivery: (delivery) => request.onDelivery(change(delivery)),
  }));

/** The faults of subscribers. */
export const brokenSubscribers: readonly BrokenSubscriber[] = [
  {
    guarantee: "G2",
    fault: "it acknowledges what it hands over",
    killedBy:
      "end: a connection that was cut says so, and everything comes again",
    ...delivering((delivery) => {
      delivery.acknowledge();
      return delivery;
    }),
  },
  {
    guarantee: "G2",
    fault: "it acknowledges nothing",
    killedBy: "acknowledge: what is acknowledged is not delivered again",
    ...delivering((delivery) => ({ ...delivery, acknowledge: () => {} })),
  },
  {
    guarantee: "G2",
    fault: "one acknowledgement is for everything before it",
    killedBy:
      "acknowledge: what is not acknowledged comes again, whatever came after it",
    breaks: (sound) => {
      const earlier: Delivery[] = [];
      return delivering((delivery) => {
        earlier.push(delivery);
        const upTo = earlier.length;
        const acknowledge = () => {
          for (const one of earlier.slice(0, upTo)) one.acknowledge();
        };
        return { ...delivery, acknowledge };
      }).breaks(sound);
    },
  },
  {
    guarantee: "G3",
    fault: "it hands over in pairs, the second first",
    killedBy:
      "subscribe: what is published is delivered, byte for byte and in order",
    breaks: (sound) => {
      let held: Delivery | null = null;
      return changing((request) => ({
        ...request,
        onDelivery: (delivery) => {
          const first = held;
          held = first === null ? delivery : null;
          if (first === null) return;
          request.onDelivery(delivery);
          request.onDelivery(first);
        },
      })).breaks(sound);
    },
  },
  {
    guarantee: "G2",
    fault: "bytes are taken for text",
    killedBy: "subscribe: whatever bytes were published are delivered",
    ...delivering((delivery) => ({
      ...delivery,
      payload: new TextEncoder().encode(
        new TextDecoder().decode(delivery.payload),
      ),
    })),
  },
  {
    guarantee: "G8",
    fault: "it does not say that the connection has ended",
    killedBy:
      "end: a connection that was cut says so, and everything comes again",
    ...changing(
      (request) => request,
      (subscription) => ({ ...subscription, closed: new Promise(() => {}) }),
    ),
  },
  {
    guarantee: "G8",
    fault: "an attempt goes on when it is given up",
    killedBy: "subscribe: an attempt that was given up beforehand fails",
    ...changing((request) => ({
      ...request,
      signal: new AbortController().signal,
    })),
  },
  {
    guarantee: "G8",
    fault: "a connection ends with the signal of its attempt",
    killedBy: "subscribe: a signal that aborts later ends no connection",
    breaks: (sound) => ({
      name: sound.name,
      subscribe: async (request) => {
        const subscription = await sound.subscribe(request);
        const end = () => void subscription.close();
        request.signal.addEventListener("abort", end);
        return subscription;
      },
    }),
  },
];
