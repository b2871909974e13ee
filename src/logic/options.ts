/**
 * Checks numeric options, so that a bad one fails at construction and not in
 * the middle of the night.
 *
 * @module
 */

import { InputError, MailboatError, shorten } from "../errors.ts";

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

/** Options, and what they are for. */
export interface OptionsRequest<Options> {
  /** What is being done, as a verb phrase: `create a relay`. */
  readonly action: string;
  /** What should be an object. */
  readonly options: Options;
}

/**
 * Reads options that may be anything: what is no object, or throws when it is
 * read, is refused like a bad value.
 *
 * @throws {InputError} `INVALID_OPTION`, or what `read` refuses.
 *
 * @example
 * ```ts
 * const { leaseMs } = readOptions(
 *   { action: "create a relay", options },
 *   ({ leaseMs = 15_000 }) => ({ leaseMs }),
 * );
 * ```
 */
export function readOptions<Options, Read>(
  { action, options }: OptionsRequest<Options>,
  read: (options: Options) => Read,
): Read {
  const code = "INVALID_OPTION";
  const field = "options";
  if (typeof options !== "object" || options === null) {
    const found = shorten(options);
    throw new InputError(code, { action, field, required: "an object", found });
  }
  try {
    return read(options);
  } catch (cause) {
    if (cause instanceof MailboatError) throw cause;
    const [required, found] = ["readable", "an exception"];
    throw new InputError(code, { action, field, required, found, cause });
  }
}

/** An option that is called, and by which names. */
export interface MethodsOption {
  /** What is being constructed, as a verb phrase. */
  readonly action: string;
  /** The option's name. */
  readonly option: string;
  /** What the caller gave. */
  readonly value: unknown;
  /** The methods it must have; they are not called. */
  readonly methods: readonly string[];
  /** What it must be: `a storage adapter`. */
  readonly required: string;
}

/**
 * Refuses an object that lacks a method.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function requireMethods(request: MethodsOption): void {
  const { action, option, value, methods, required } = request;
  const missing = methods.find((name) => !hasMethod(value, name));
  if (missing === undefined) return;
  throw new InputError("INVALID_OPTION", {
    action,
    field: option,
    required: `${required} with ${missing}()`,
    found: shorten(value),
  });
}

/** Even to look may throw: a proxy answers as it likes. */
function hasMethod(value: unknown, name: string): boolean {
  try {
    const object = value as Record<string, unknown> | null | undefined;
    return typeof object?.[name] === "function";
  } catch {
    return false;
  }
}

/**
 * Returns a signal, if there is one.
 *
 * @throws {InputError} `INVALID_OPTION`.
 */
export function checkedSignal(
  action: string,
  value: AbortSignal | undefined,
): AbortSignal | undefined {
  if (value === undefined) return undefined;
  const required = "an AbortSignal";
  const methods = ["addEventListener", "removeEventListener"];
  requireMethods({ action, option: "signal", value, required, methods });
  return value;
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
