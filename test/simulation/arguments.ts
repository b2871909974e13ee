/**
 * The arguments of `npm run simulate`.
 *
 * @module
 */

import { availableParallelism } from "node:os";
import {
  type Place,
  refused,
  valuesOf,
  wholeNumber,
} from "../support/command_line.ts";
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
 * @throws {UsageError} when they make no sense.
 */
export function parseArguments(given: readonly string[]): Arguments {
  const values = valuesOf(given, {
    seeds: { type: "string", default: "1000" },
    first: { type: "string", default: "1" },
    workers: { type: "string", default: String(availableParallelism()) },
    without: { type: "string", default: "" },
    exhaustive: { type: "boolean", default: false },
  });
  const seeds = wholeNumber(place("--seeds"), values.seeds, { min: 1 });
  return {
    seeds,
    first: wholeNumber(place("--first"), values.first, {
      min: 1,
      max: Number.MAX_SAFE_INTEGER - seeds,
    }),
    workers: wholeNumber(place("--workers"), values.workers, {
      min: 1,
      max: MAX_WORKERS,
    }),
    without: faultKinds(values.without),
    exhaustive: values.exhaustive,
  };
}

function faultKinds(text: string): FaultKind[] {
  const names = text.split(",").filter((name) => name !== "");
  return names.map((name) => {
    const known = FAULT_KINDS.find((kind) => kind === name);
    if (known !== undefined) return known;
    throw refused(place("--without"), `some of ${FAULT_KINDS.join(",")}`, name);
  });
}

function place(option: string): Place {
  return { action: "simulate", option };
}
