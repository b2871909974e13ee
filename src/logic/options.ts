/**
 * Checks numeric options, so that a bad one fails at construction and not in
 * the middle of the night.
 *
 * @module
 */

import { InputError, shorten } from "../errors.ts";

/** A numeric option and the values it may have. */
export interface NumberOption {
  /** What is being constructed, as a verb phrase: `create a relay`. */
  readonly action: string;
  /** The option's name, with its unit: `leaseMs`. */
  readonly option: string;
  /** What the caller gave; `undefined` takes the default. */
  readonly value: number | undefined;
  /** The value of an option that is not given. */
  readonly default: number;
  /** The least value allowed. */
  readonly min: number;
  /**
   * The greatest value allowed.
   *
   * @default {Number.MAX_SAFE_INTEGER}
   */
  readonly max?: number;
  /**
   * Whether fractions are refused.
   *
   * @default {true}
   */
  readonly integer?: boolean;
}

/**
 * Returns the value of a numeric option, or its default. NaN, infinities and
 * anything that is not a number are refused.
 *
 * @throws {InputError} `INVALID_OPTION`, with the option, its value and its bounds.
 *
 * @example
 * ```ts
 * const leaseMs = checkedNumber({
 *   action: "create a relay",
 *   option: "leaseMs",
 *   value: options.leaseMs,
 *   default: 30_000,
 *   min: 1_000,
 * });
 * ```
 */
export function checkedNumber(request: NumberOption): number {
  const { action, option, min, max = Number.MAX_SAFE_INTEGER } = request;
  const { integer = true } = request;
  const value: unknown = request.value === undefined
    ? request.default
    : request.value;
  const fits = typeof value === "number" && value >= min && value <= max &&
    (integer ? Number.isSafeInteger(value) : Number.isFinite(value));
  if (fits) return value;
  const range = max === Number.MAX_SAFE_INTEGER
    ? `of at least ${min}`
    : `from ${min} to ${max}`;
  throw new InputError("INVALID_OPTION", {
    action,
    field: option,
    required: `${integer ? "an integer" : "a finite number"} ${range}`,
    found: shorten(value),
  });
}
