/**
 * What is asked for on the command line.
 *
 * @module
 */

import {
  type Place,
  refused,
  valuesOf,
  wholeNumber,
} from "../support/command_line.ts";
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
  const { states, cuts, synchronous, seed, json, help } = valuesOf(args, {
    states: { type: "string" },
    cuts: { type: "string" },
    synchronous: { type: "string" },
    seed: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false, short: "h" },
  });
  const options: Options = {
    states: states === undefined
      ? cuts === undefined ? DEFAULT_STATES : 0
      : wholeNumber(place("--states"), states, { max: MAX_COUNT }),
    cuts: cuts === undefined
      ? 0
      : wholeNumber(place("--cuts"), cuts, { max: MAX_COUNT }),
    levels: synchronous === undefined ? LEVELS : [levelOf(synchronous)],
    seed: seed === undefined
      ? anySeed
      : wholeNumber(place("--seed"), seed, { max: MAX_SEED }),
    json,
    help,
  };
  if (options.states + options.cuts > 0) return options;
  throw refused(place("--states or --cuts"), "at least 1", "0");
}

function levelOf(text: string): Trial {
  const level = LEVELS.find(({ name }) => name.toLowerCase() === text);
  if (level !== undefined) return level;
  throw refused(place("--synchronous"), "full or normal", text);
}

function place(option: string): Place {
  return { action: "cut the power", option };
}
