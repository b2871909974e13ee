/**
 * What the example is told on its command line and in its environment.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";

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

/** A mistake on the command line or in the environment: something only the user can mend. */
export class UsageError extends Error {}

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

const wholeNumber = /^\d{1,9}$/;

const optionsSchema = v.object({
  seconds: v.optional(
    v.pipe(
      v.string(),
      v.regex(wholeNumber, "--seconds must be a whole number"),
      v.transform(Number),
      v.minValue(5, "--seconds must be at least 5"),
      v.maxValue(3600, "--seconds must be at most 3600"),
    ),
    "20",
  ),
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
  // The value may hold a password: the messages never show it.
  MQTT_URL: v.optional(v.pipe(
    v.string(),
    v.check(isBrokerUrl, "MQTT_URL must look like mqtt://host:1883"),
  )),
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
  const given = { ...parsed(args), MQTT_URL: env["MQTT_URL"] || undefined };
  const result = v.safeParse(optionsSchema, given);
  if (!result.success) throw new UsageError(result.issues[0].message);
  const { seconds, json, help, db, MQTT_URL } = result.output;
  return { seconds, json, help, databasePath: db, mqttUrl: MQTT_URL };
}

function parsed(args: readonly string[]): Record<string, unknown> {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        seconds: { type: "string" },
        db: { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    return values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(reason.split(". ")[0]);
  }
}

function isBrokerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return ["mqtt:", "mqtts:"].includes(protocol) && hostname !== "";
}
