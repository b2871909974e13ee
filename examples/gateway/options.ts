/**
 * What the example is told on its command line and in its environment.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import * as v from "valibot";
import {
  brokerUrl,
  checkedOptions,
  wholeNumber,
  writtenOptions,
} from "../stage/command_line.ts";

/** How to run the example. */
export interface Options {
  /** How long to sample, in seconds. */
  readonly seconds: number;
  /** Whether to print one JSON line and nothing else. */
  readonly json: boolean;
  /** Whether to explain the options instead of running. */
  readonly help: boolean;
  /** Where the database goes and stays; without it, a directory that is removed. */
  readonly databasePath: string | undefined;
  /** The broker to use instead of the embedded one. */
  readonly mqttUrl: string | undefined;
}

export const usage = `Usage: npm start -- [options]

Samples this machine's vital signs, delivers them through an outbox, kills the
relay and takes the broker away meanwhile, and checks what arrived.

  --seconds N   how long to sample: 5 to 3600 (default 20)
  --db PATH     keep the database in this new file
  --json        print one JSON line at the end and nothing else
  --help        show this

  MQTT_URL      use this broker (mqtt:// or mqtts://, MQTT 5) instead of the
                embedded one (MQTT 3.1.1)

Exit code: 0 when nothing was lost, made up or reordered; 1 when something
was, or when the backlog did not drain; 2 when an option is wrong.
`;

const optionsSchema = v.object({
  seconds: v.optional(wholeNumber("--seconds", { min: 5, max: 3600 }), "20"),
  json: v.optional(v.boolean(), false),
  help: v.optional(v.boolean(), false),
  db: v.optional(v.pipe(
    v.string(),
    v.nonEmpty("--db must be a path"),
    v.check(
      (path) => !existsSync(path),
      "--db must be a file that does not exist yet",
    ),
    v.check(
      (path) => existsSync(dirname(resolve(path))),
      "--db must be in a directory that exists",
    ),
  )),
  MQTT_URL: v.optional(brokerUrl("MQTT_URL")),
});

/**
 * Reads and checks the options.
 *
 * @throws {UsageError} for the first one that is wrong.
 */
export function readOptions(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Options {
  const written = writtenOptions(args, {
    seconds: { type: "string" },
    db: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  const { db, MQTT_URL, ...others } = checkedOptions(optionsSchema, {
    ...written,
    MQTT_URL: env["MQTT_URL"] || undefined,
  });
  return { ...others, databasePath: db, mqttUrl: MQTT_URL };
}
