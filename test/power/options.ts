/**
 * What is asked for on the command line.
 *
 * @module
 */

import { parseArgs } from "node:util";
import { LEVELS, type Trial } from "./trial.ts";

/** A run. */
export interface Options {
  /** Replayed power cuts at each level. */
  readonly states: number;
  /** Real power cuts at each level. */
  readonly cuts: number;
  readonly levels: readonly Trial[];
  readonly seed: number;
  readonly json: boolean;
  readonly help: boolean;
}

/** The command line makes no sense; the message says what would. */
export class UsageError extends Error {}

/** What `--help` prints. */
export const USAGE = `npm run power -- [--states N] [--cuts N] [OPTION…]

Cuts the power under an application and its relay, and judges what is left.

  --states N            replayed power cuts at each level (500)
  --cuts N              real ones, on an ext4 file system of our own (0);
                        they need root and loop devices
  --synchronous LEVEL   full or normal; without it both
  --seed N              where the dice start; without it anywhere
  --json                one line at the end, and nothing else on standard output`;

const DEFAULT_STATES = 500;
const MAX_COUNT = 1_000_000;
const MAX_SEED = 2 ** 31 - 1;

/**
 * Reads the arguments; `anySeed` is the seed where none is given.
 *
 * @throws {UsageError} naming what is wrong.
 */
export function readOptions(
  args: readonly string[],
  anySeed: number,
): Options {
  const { states, cuts, synchronous, seed, json, help } = parsed(args);
  const options: Options = {
    states: states === undefined
      ? cuts === undefined ? DEFAULT_STATES : 0
      : whole("--states", states, MAX_COUNT),
    cuts: cuts === undefined ? 0 : whole("--cuts", cuts, MAX_COUNT),
    levels: synchronous === undefined ? LEVELS : [levelOf(synchronous)],
    seed: seed === undefined ? anySeed : whole("--seed", seed, MAX_SEED),
    json,
    help,
  };
  if (options.states + options.cuts > 0) return options;
  throw new UsageError(
    "Cannot cut the power as --states or --cuts must be at least 1: " +
      "current value is 0",
  );
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        states: { type: "string" },
        cuts: { type: "string" },
        synchronous: { type: "string" },
        seed: { type: "string" },
        json: { type: "boolean", default: false },
        help: { type: "boolean", default: false, short: "h" },
      },
    }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new UsageError(reason, { cause });
  }
}

function whole(name: string, text: string, max: number): number {
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (value <= max) return value;
  throw new UsageError(
    `Cannot cut the power as ${name} must be a whole number from 0 to ${max}: ` +
      `current value is ${JSON.stringify(text)}`,
  );
}

function levelOf(text: string): Trial {
  const level = LEVELS.find(({ name }) => name.toLowerCase() === text);
  if (level !== undefined) return level;
  throw new UsageError(
    "Cannot cut the power as --synchronous must be full or normal: " +
      `current value is ${JSON.stringify(text)}`,
  );
}
