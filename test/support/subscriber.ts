/**
 * A consumer: everything that a broker delivers, in order of arrival.
 *
 * @module
 */

import { connectAsync } from "mqtt";
import { onTestFinished } from "vitest";
import { type Receipt, receiptOf } from "./receipt.ts";

/** A subscription to every topic. */
export interface Subscriber {
  readonly received: readonly Receipt[];
  /** Resolves at the very moment when so many messages have arrived. */
  reached(count: number): Promise<void>;
}

const REACHED_WITHIN_MS = 30_000;

/** Subscribes for the time of the test. */
export async function subscribe(url: string): Promise<Subscriber> {
  const client = await connectAsync(url, { protocolVersion: 5 });
  onTestFinished(() => client.endAsync(true));
  const received: Receipt[] = [];
  const waiting = new Set<() => void>();
  client.on("message", (_topic, _payload, packet) => {
    received.push(receiptOf(packet));
    for (const look of waiting) look();
  });
  await client.subscribeAsync("#", { qos: 1 });
  return {
    received,
    reached(count) {
      return new Promise((resolve, reject) => {
        const what = `Received ${received.length} of ${count} messages`;
        const error = new Error(what);
        const timer = setTimeout(() => {
          waiting.delete(look);
          error.message += `, then ${received.length}, and no more`;
          reject(error);
        }, REACHED_WITHIN_MS);
        const look = () => {
          if (received.length < count) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
      });
    },
  };
}
