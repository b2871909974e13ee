/**
 * The kills: which service dies, and after how many steps of the saga.
 *
 * @module
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import type { ServiceName } from "./events.ts";

/** One kill. */
export interface Kill {
  readonly victim: ServiceName;
  /** How many events have been handled or sent, by all services, when it happens. */
  readonly afterSteps: number;
}

const SERVICES = ["order", "payment", "stock"] as const;
const MIN_KILLS = 6;
const ORDERS_PER_KILL = 25;
/** An order takes from four steps to eight, so that this many are sure to come. */
const STEPS_PER_ORDER = 4;

/**
 * Plans the kills of a run, in the order of their steps. They go by progress
 * and not by time, so that they hit a busy machine as often as an idle one.
 */
export function planKills(
  { orders, seed }: { readonly orders: number; readonly seed: number },
): readonly Kill[] {
  const random = createSeededRandom(seed);
  const steps = orders * STEPS_PER_ORDER;
  const count = Math.max(MIN_KILLS, Math.round(orders / ORDERS_PER_KILL));
  return Array.from({ length: count }, (_, at): Kill => ({
    victim: SERVICES[at % SERVICES.length]!,
    afterSteps: random.integer(1, steps),
  })).sort((one, other) => one.afterSteps - other.afterSteps);
}
