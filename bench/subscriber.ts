/**
 * A subscriber, for the time at which things arrive.
 *
 * @module
 */

import { connectAsync } from "mqtt";
import { noDelay } from "./publish_loop.ts";
import type { Reading } from "./reading.ts";

/** A subscription to all readings. */
export interface Subscriber {
  /** Resolves with the instant at which reading `n` arrived first, by `performance`. */
  arrival(n: number): Promise<number>;
  close(): Promise<void>;
}

const WITHIN_MS = 10_000;

/** Subscribes. */
export async function subscribe(brokerUrl: string): Promise<Subscriber> {
  const client = await connectAsync(brokerUrl, { protocolVersion: 5 });
  noDelay(client.stream);
  const arrivals = new Map<number, number>();
  const waiting = new Map<number, (atMs: number) => void>();
  client.on("message", (_topic, payload) => {
    const atMs = performance.now();
    const { n } = JSON.parse(payload.toString()) as Reading;
    if (arrivals.has(n)) return;
    arrivals.set(n, atMs);
    waiting.get(n)?.(atMs);
  });
  await client.subscribeAsync("meters/#", { qos: 1 });
  return {
    arrival(n) {
      const atMs = arrivals.get(n);
      if (atMs !== undefined) return Promise.resolve(atMs);
      return new Promise((resolve, reject) => {
        const late = () => reject(new Error(`Reading ${n} never arrived`));
        const timer = setTimeout(late, WITHIN_MS);
        waiting.set(n, (at) => {
          clearTimeout(timer);
          resolve(at);
        });
      });
    },
    close: () => client.endAsync(true),
  };
}
