/**
 * Brokers that are far away.
 *
 * @module
 */

import { once } from "node:events";
import { startProgram } from "./program.ts";
import type { DistanceReport } from "./programs/distance.ts";

/** A broker seen from afar. */
export interface Distance {
  /** The URL at which it is the `at`th round trip off. */
  url(at: number): string;
  close(): Promise<void>;
}

/** Puts the broker so many round trips away, each at a URL of its own. */
export async function distanceTo(
  brokerUrl: string,
  roundTripsMs: readonly number[],
): Promise<Distance> {
  const brokerPort = Number(new URL(brokerUrl).port);
  const order = { brokerPort, roundTripsMs };
  const child = startProgram("distance", { order });
  const ended = once(child, "exit");
  const [{ ports }] = await Promise.race([
    once(child, "message") as Promise<[DistanceReport]>,
    ended.then(([status]) => {
      throw new Error(`The program distance ended with status ${status}`);
    }),
  ]);
  return {
    url: (at) => `mqtt://127.0.0.1:${ports[at]}`,
    async close() {
      child.disconnect();
      await ended;
    },
  };
}
