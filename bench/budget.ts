/**
 * The budget of the package: what a change may not make it weigh unnoticed. It
 * is held against what it weighs now; the targets are less, and
 * `npm run bench -- import` is held against those.
 *
 * @module
 */

import { quantile } from "./statistics.ts";

/** Sizes in one file, minified and gzipped, in bytes. */
export type Sizes = Readonly<Record<string, number>>;

/** What the package weighs. */
export interface Weight {
  /** By use of the core, or by entry point. */
  readonly bytes: Sizes;
  /** Times to import the core, as it is shipped, in ms. */
  readonly coreMs: readonly number[];
  /** Times to import mqtt.js in the same rounds: how fast the machine is. */
  readonly mqttMs: readonly number[];
}

/** What it may weigh. The size is exact; the time is generous, as machines are shared. */
export interface Budget {
  /** By use of the core, or by entry point; what is missing may weigh nothing. */
  readonly bytes: Sizes;
  /** The median of the times, by that of mqtt.js. */
  readonly timeByMqtt: number;
}

/**
 * What the package may weigh. An entry point is weighed alone, with what it
 * takes of the core; nothing that only an adapter has counts against the core.
 */
export const BUDGET: Budget = {
  bytes: {
    "everything": 32_000,
    "outbox and relay": 23_000,
    "outbox alone": 7_500,
    "consumer and inbox": 12_000,
    "./libsql": 17_800,
    "./libsql/remote": 15_500,
    "./node-sqlite": 18_000,
    "./better-sqlite3": 18_000,
    "./bun-sqlite": 18_000,
    "./d1": 11_900,
    "./durable-object": 15_000,
    "./drizzle": 9_100,
    "./drizzle/schema": 1_200,
    "./mqtt": 27_000,
    "./testing": 55_000,
  },
  timeByMqtt: 0.25,
};

/** One part of the budget, in words. */
export interface Entry {
  readonly text: string;
  readonly isOver: boolean;
}

/** Holds a weight against a budget. */
export function balanceOf(
  { bytes, coreMs, mqttMs }: Weight,
  budget: Budget,
): readonly Entry[] {
  const sizes = Object.entries(bytes).map(([name, weighs]) => {
    const limit = budget.bytes[name] ?? 0;
    return {
      text: `size, minified and gzipped: ${name}: ${weighs} of ${limit} bytes`,
      isOver: weighs > limit,
    };
  });
  const timeMs = quantile(coreMs, 0.5);
  const byMqtt = timeMs / quantile(mqttMs, 0.5);
  return [...sizes, {
    text: `time to import the core: ${timeMs.toFixed(1)} ms, ` +
      `${byMqtt.toFixed(2)} of ${budget.timeByMqtt} of what mqtt.js takes`,
    isOver: byMqtt > budget.timeByMqtt,
  }];
}
