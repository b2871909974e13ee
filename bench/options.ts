/**
 * What is asked for on the command line.
 *
 * @module
 */

import { parseArgs } from "node:util";
import type { Scenario } from "./scenario.ts";

/** A bench run. */
export interface Options {
  readonly scenarios: readonly Scenario[];
  readonly quick: boolean;
  readonly json: boolean;
  readonly keep: boolean;
  readonly minutes: number;
  readonly help: boolean;
}

/** The command line makes no sense; the message says what would. */
export class UsageError extends Error {}

/** How long a soak takes where nothing else is said, and at most. */
const MINUTES = { standard: 30, most: 10_080 };

/**
 * Reads the arguments. Without a name all scenarios are meant but the long
 * ones.
 *
 * @throws {UsageError} naming what there is.
 */
export function readOptions(
  args: readonly string[],
  all: readonly Scenario[],
): Options {
  const { values, positionals } = parsed(args);
  const unknown = positionals.find((name) =>
    !all.some((scenario) => scenario.name === name)
  );
  if (unknown !== undefined) {
    const names = all.map(({ name }) => name).join(", ");
    throw new UsageError(
      `Cannot run ${JSON.stringify(unknown)} as the scenarios are ${names}`,
    );
  }
  return {
    scenarios: positionals.length === 0
      ? all.filter(({ isLong }) => !isLong)
      : all.filter(({ name }) => positionals.includes(name)),
    quick: values.quick,
    json: values.json,
    keep: values.keep,
    minutes: minutesOf(values.minutes),
    help: values.help,
  };
}

/**
 * Whether a broker is to be started.
 *
 * @throws {UsageError} when it is not there, naming what runs without.
 */
export function brokerNeeded(
  { scenarios }: Pick<Options, "scenarios">,
  { mosquitto, all }: {
    /** Where its binary is. */
    readonly mosquitto: string | undefined;
    readonly all: readonly Scenario[];
  },
): boolean {
  const stranded = scenarios.find(({ needsBroker }) => needsBroker);
  if (stranded === undefined) return false;
  if (mosquitto !== undefined) return true;
  const names = all.filter(({ needsBroker }) => !needsBroker)
    .map(({ name }) => name).join(", ");
  throw new UsageError(
    `Cannot run ${stranded.name} as mosquitto must be installed ` +
      `(apt-get install mosquitto): without it there are ${names}`,
  );
}

/** What `--help` prints. */
export function usageOf(all: readonly Scenario[]): string {
  const width = Math.max(...all.map(({ name }) => name.length));
  const list = all.map(({ name, summary, isLong }) =>
    `  ${name.padEnd(width)}  ${summary}${isLong ? " (only by its name)" : ""}`
  );
  return [
    "npm run bench -- [NAME…] [--quick] [--json] [--keep] [--minutes N]",
    "",
    "  --quick  less of everything, to see that it works; not to be quoted",
    "  --json   one line for each figure, and nothing else on standard output",
    "  --keep   keeps what was found in bench/results/DATE.json, for `npm run figures`",
    `  --minutes N  how long a soak takes; ${MINUTES.standard} otherwise`,
    "",
    ...list,
  ].join("\n");
}

function minutesOf(text: string): number {
  const minutes = Number(text);
  if (minutes > 0 && minutes <= MINUTES.most) return minutes;
  throw new UsageError(
    `Cannot run for ${JSON.stringify(text)} minutes as --minutes is a number ` +
      `above 0, up to ${MINUTES.most}`,
  );
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        json: { type: "boolean", default: false },
        keep: { type: "boolean", default: false },
        minutes: { type: "string", default: String(MINUTES.standard) },
        help: { type: "boolean", default: false, short: "h" },
      },
    });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(reason, { cause });
  }
}
