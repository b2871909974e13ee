/**
 * Command lines: what is asked for, or why it makes no sense.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";

/** A mistake on the command line; the message says what would make sense. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

type Options = NonNullable<ParseArgsConfig["options"]>;

/** What a command does, and how it calls the option in question. */
export interface Place {
  readonly action: string;
  readonly option: string;
}

/** What `read` returns; a mistake is told in one line, and ends the program with 2. */
export function readOrExit<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

/**
 * The values of options.
 *
 * @throws {UsageError} for one that is not known or lacks its value.
 */
export function valuesOf<const T extends Options>(
  args: readonly string[],
  options: T,
) {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    // What follows is advice about arguments that are no options.
    throw new UsageError(reason.split(". ")[0], { cause });
  }
}

/**
 * A whole number, in digits.
 *
 * @throws {UsageError} for anything else.
 */
export function wholeNumber(
  place: Place,
  text: string,
  { min = 0, max = Number.MAX_SAFE_INTEGER }: {
    readonly min?: number;
    readonly max?: number;
  } = {},
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= min && value <= max) return value;
  throw refused(place, `a whole number from ${min} to ${max}`, text);
}

/** That an option must be something else. */
export function refused(
  { action, option }: Place,
  required: string,
  found: string,
): UsageError {
  return new UsageError(
    `Cannot ${action} as ${option} must be ${required}: current value is ${
      JSON.stringify(found)
    }`,
  );
}
