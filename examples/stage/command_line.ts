/**
 * What the examples' command lines have in common.
 *
 * @module
 */

import { parseArgs, type ParseArgsConfig } from "node:util";
import * as v from "valibot";

/** A mistake on the command line or in the environment: something only the user can mend. */
export class UsageError extends Error {}

/** A whole number between bounds, written in digits. */
export function wholeNumber(
  option: string,
  { min, max }: { readonly min: number; readonly max: number },
): v.GenericSchema<string, number> {
  return v.pipe(
    v.string(),
    v.regex(/^\d{1,9}$/, `${option} must be a whole number`),
    v.transform(Number),
    v.minValue(min, `${option} must be at least ${min}`),
    v.maxValue(max, `${option} must be at most ${max}`),
  );
}

/** A broker's URL. It may hold a password: the message never shows it. */
export function brokerUrl(option: string): v.GenericSchema<string> {
  return v.pipe(
    v.string(),
    v.check(isBrokerUrl, `${option} must look like mqtt://host:1883`),
  );
}

/**
 * The options as they were written.
 *
 * @throws {UsageError} for one that does not exist or lacks its value.
 */
export function writtenOptions(
  args: readonly string[],
  options: NonNullable<ParseArgsConfig["options"]>,
): Record<string, unknown> {
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new UsageError(reason.split(". ")[0]);
  }
}

/**
 * The options as they are meant.
 *
 * @throws {UsageError} for the first one that is wrong.
 */
export function checkedOptions<Output>(
  schema: v.GenericSchema<unknown, Output>,
  written: Record<string, unknown>,
): Output {
  const result = v.safeParse(schema, written);
  if (!result.success) throw new UsageError(result.issues[0].message);
  return result.output;
}

function isBrokerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return ["mqtt:", "mqtts:"].includes(protocol) && hostname !== "";
}
