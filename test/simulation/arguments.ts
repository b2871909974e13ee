/**
 * The arguments of `npm run simulate`.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { FAULT_KINDS, type FaultKind } from "./plan.ts";

/** What to run. */
export interface Arguments {
  readonly seeds: number;
  readonly first: number;
  readonly workers: number;
  readonly without: readonly FaultKind[];
  /** Whether to run the exhaustive part instead of seeds. */
  readonly exhaustive: boolean;
}

const MAX_WORKERS = 64;

/**
 * Reads the arguments.
 *
 * @throws {Error} when they make no sense.
 */
export function parseArguments(given: readonly string[]): Arguments {
  const { values } = parseArgs({
    args: [...given],
    options: {
      seeds: { type: "string", default: "1000" },
      first: { type: "string", default: "1" },
      workers: { type: "string", default: String(availableParallelism()) },
      without: { type: "string", default: "" },
      exhaustive: { type: "boolean", default: false },
    },
  });
  const seeds = wholeNumber("seeds", values.seeds);
  const first = wholeNumber("first", values.first);
  if (!Number.isSafeInteger(first + seeds)) {
    refuse(
      "first and seeds",
      "add up to a safe integer",
      `${first} + ${seeds}`,
    );
  }
  return {
    seeds,
    first,
    workers: wholeNumber("workers", values.workers, MAX_WORKERS),
    without: faultKinds(values.without),
    exhaustive: values.exhaustive,
  };
}

function wholeNumber(
  option: string,
  text: string,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const value = Number(text);
  if (/^\d+$/.test(text) && value >= 1 && value <= max) return value;
  return refuse(option, `be a whole number from 1 to ${max}`, text);
}

function faultKinds(text: string): FaultKind[] {
  const names = text.split(",").filter((name) => name !== "");
  return names.map((name) =>
    FAULT_KINDS.find((kind) => kind === name) ??
      refuse("without", `name some of ${FAULT_KINDS.join(",")}`, name)
  );
}

function refuse(option: string, required: string, found: string): never {
  throw new RangeError(
    `Cannot simulate as ${option} must ${required}: current value is ${found}`,
  );
}
