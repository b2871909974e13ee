/**
 * The settings: what the command line asks for.
 *
 * @module
 */

import { refused, valuesOf } from "../support/command_line.ts";
import type { Mutant } from "./mutant.ts";

/** What to do. */
export interface Settings {
  /** The mutants to try. */
  readonly mutants: readonly Mutant[];
  /** Whether the last line is the result as JSON. */
  readonly json: boolean;
}

/**
 * Reads the arguments.
 *
 * @throws {UsageError} when they make no sense.
 */
export function settingsOf(
  args: readonly string[],
  all: readonly Mutant[],
): Settings {
  const { only = [], json } = valuesOf(args, {
    only: { type: "string", multiple: true },
    json: { type: "boolean", default: false },
  });
  const chosen = only.flatMap((text) => matching(text, all));
  const mutants = only.length === 0
    ? all
    : all.filter((one) => chosen.includes(one));
  return { mutants, json };
}

function matching(text: string, all: readonly Mutant[]): readonly Mutant[] {
  const found = all.filter(({ name, guarantee }) =>
    name === text || guarantee === text
  );
  if (found.length > 0) return found;
  const place = { action: "try mutants", option: "--only" };
  throw refused(place, "a guarantee or the name of a mutant", text);
}
