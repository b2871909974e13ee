/**
 * What the saga is told on its command line.
 *
 * @module
 */

import * as v from "valibot";
import {
  brokerUrl,
  checkedOptions,
  wholeNumber,
  writtenOptions,
} from "../stage/command_line.ts";

/** How to run the saga. */
export interface Options {
  /** How many orders are placed. */
  readonly orders: number;
  /** Decides who orders what, and who is killed when. */
  readonly seed: number;
  /** Whether to print one JSON line and nothing else. */
  readonly json: boolean;
  /** Whether to explain the options instead of running. */
  readonly help: boolean;
  /** The broker to use instead of the embedded one. */
  readonly mqttUrl: string | undefined;
}

export const usage = `Usage: npm run saga -- [options]

Places orders that three services decide together, each with a database of its
own, kills the services meanwhile, and checks that the databases agree.

  --orders N       how many orders: 1 to 100000 (default 500)
  --seed N         who orders what, and who is killed when: 0 to 999999999
                   (default: a new one, which is shown)
  --mqtt-url URL   use this broker (mqtt:// or mqtts://, MQTT 5) instead of the
                   embedded one (MQTT 3.1.1)
  --json           print one JSON line at the end and nothing else
  --help           show this

Exit code: 0 when the databases agree on every order; 1 when they do not, or
when the orders were not decided within 90 s and another half second for each;
2 when an option is wrong.
`;

/**
 * Reads and checks the options.
 *
 * @throws {UsageError} for the first one that is wrong.
 */
export function readOptions(
  args: readonly string[],
  newSeed: () => number,
): Options {
  const written = writtenOptions(args, {
    orders: { type: "string" },
    seed: { type: "string" },
    "mqtt-url": { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  const { seed, "mqtt-url": mqttUrl, ...others } = checkedOptions(
    optionsSchema,
    written,
  );
  return { ...others, mqttUrl, seed: seed ?? newSeed() };
}

const optionsSchema = v.object({
  orders: v.optional(
    wholeNumber("--orders", { min: 1, max: 100_000 }),
    "500",
  ),
  seed: v.optional(wholeNumber("--seed", { min: 0, max: 999_999_999 })),
  "mqtt-url": v.optional(brokerUrl("--mqtt-url")),
  json: v.optional(v.boolean(), false),
  help: v.optional(v.boolean(), false),
});
