/**
 * Brokers that are far away.
 *
 * @module
 */

import { once } from "node:events";
import { startProgram } from "./program.ts";
import type { DistanceReport, Leg } from "./programs/distance.ts";

/** Brokers seen from afar. */
export interface Distance {
  /** The URL at which the `at`th leg begins. */
  url(at: number): string;
  close(): Promise<void>;
}

/** Puts brokers so many round trips away, each leg at a URL of its own. */
export async function distanceTo(legs: readonly Leg[]): Promise<Distance> {
  const child = startProgram("distance", { order: legs });
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
