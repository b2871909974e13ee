/**
 * The budget of the core: what a change may not make it weigh unnoticed. It
 * is held against what the core weighs now; the targets are less, and
 * `npm run bench -- import` is held against those.
 *
 * @module
 */

import { quantile } from "./statistics.ts";

/** What the core weighs. */
export interface Weight {
  /** Everything in one file, minified and gzipped, in bytes. */
  readonly bytes: number;
  /** Times to import the core, as it is shipped, in ms. */
  readonly coreMs: readonly number[];
  /** Times to import mqtt.js in the same rounds: how fast the machine is. */
  readonly mqttMs: readonly number[];
}

/** What it may weigh. The size is exact; the time is generous, as machines are shared. */
export interface Budget {
  readonly bytes: number;
  /** The median of the times, by that of mqtt.js. */
  readonly timeByMqtt: number;
}

/** What the core may weigh. */
export const BUDGET: Budget = { bytes: 32_000, timeByMqtt: 0.7 };

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
  const timeMs = quantile(coreMs, 0.5);
  const byMqtt = timeMs / quantile(mqttMs, 0.5);
  return [
    {
      text: `size, minified and gzipped: ${bytes} of ${budget.bytes} bytes`,
      isOver: bytes > budget.bytes,
    },
    {
      text: `time to import: ${timeMs.toFixed(1)} ms, ` +
        `${byMqtt.toFixed(2)} of ${budget.timeByMqtt} of what mqtt.js takes`,
      isOver: byMqtt > budget.timeByMqtt,
    },
  ];
}
