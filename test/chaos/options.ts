/**
 * What a run is told on its command line.
 *
 * @module
 */

import { existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import {
  type Place,
  refused,
  valuesOf,
  wholeNumber,
} from "../support/command_line.ts";
import type { Sabotage } from "../support/sabotaged_storage.ts";

/** What to do. */
export interface Options {
  /** For how long to break things. */
  readonly minutes: number;
  /** What makes the choices. */
  readonly seed: number;
  /** Where the history goes; without it, a file that is kept only when a promise was broken. */
  readonly historyPath: string | undefined;
  /** A history to judge instead of running anything. */
  readonly judgePath: string | undefined;
  /** The promise to break, to see it found out. */
  readonly control: Sabotage | undefined;
  /** Whether to print one JSON line and nothing else. */
  readonly json: boolean;
  /** Whether to explain the options instead. */
  readonly help: boolean;
}

export const usage = `Usage: npm run chaos -- [options]

Writers, relays, a broker and a consumer as real processes; everything between
them is killed, paused, cut, filled or moved in time meanwhile. Then the faults
end, all must drain, and the history is judged.

  --minutes N      for how long to break things: 0.1 to 1440 (default 2)
  --seed S         what makes the choices (default: drawn, and printed)
  --history FILE   keep the history in this new file, one JSON entry per line
  --judge FILE     judge the history in this file and run nothing
  --control NAME   break a promise on purpose: mark-first or no-fence
  --json           print one JSON line at the end and nothing else
  --help           show this

Exit code: 0 when every promise was kept, 1 when one was broken, 2 when an
option is wrong. With --control the first two change places: what was broken
on purpose must be found.
`;

const CONTROLS: readonly string[] = [
  "mark-first",
  "no-fence",
] satisfies Sabotage[];

/**
 * Reads and checks the options; `drawnSeed` is taken where none is given.
 *
 * @throws {UsageError} for the first one that is wrong.
 */
export function readOptions(
  args: readonly string[],
  drawnSeed: number,
): Options {
  const values = valuesOf(args, {
    minutes: { type: "string" },
    seed: { type: "string" },
    history: { type: "string" },
    judge: { type: "string" },
    control: { type: "string" },
    json: { type: "boolean" },
    help: { type: "boolean", short: "h" },
  });
  const { minutes = "2", seed = String(drawnSeed), control } = values;
  const { history, judge, json = false, help = false } = values;
  if (control !== undefined && !CONTROLS.includes(control)) {
    throw refused(place("--control"), CONTROLS.join(" or "), control);
  }
  return {
    minutes: number("--minutes", minutes, { min: 0.1, max: 1_440 }),
    seed: wholeNumber(place("--seed"), seed),
    historyPath: history === undefined ? undefined : newFile(history),
    judgePath: judge === undefined ? undefined : presentFile(judge),
    control: control as Sabotage | undefined,
    json,
    help,
  };
}

function number(
  option: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = Number(text);
  const isOne = /^\d+(\.\d+)?$/.test(text) && value >= min && value <= max;
  if (isOne) return value;
  throw refused(place(option), `a number from ${min} to ${max}`, text);
}

function newFile(text: string): string {
  const path = resolve(text);
  if (text === "" || existsSync(path) || !existsSync(dirname(path))) {
    throw refused(
      place("--history"),
      "a file that does not exist yet in a folder that does",
      text,
    );
  }
  return path;
}

function presentFile(text: string): string {
  const path = resolve(text);
  if (text !== "" && statSync(path, { throwIfNoEntry: false })?.isFile()) {
    return path;
  }
  throw refused(place("--judge"), "a file", text);
}

function place(option: string): Place {
  return { action: "run", option };
}
