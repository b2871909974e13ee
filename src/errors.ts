/**
 * The errors Mailboat throws: one base class with a stable `code`, and three
 * subclasses for what a caller can act on differently.
 *
 * @module
 */

import type { Advice } from "./advice.ts";

/** Stable, documented identifiers; a message may be reworded, a code may not. */
export type ErrorCode =
  | "INVALID_OPTION"
  | "INVALID_EVENT"
  | "INVALID_PAYLOAD"
  | "PAYLOAD_TOO_LARGE"
  | "INVALID_TOPIC"
  | "INVALID_KEY"
  | "INVALID_ID"
  | "INVALID_HEADER"
  | "INVALID_CORRELATION_DATA"
  | "INVALID_MESSAGE"
  | "INVALID_TTL"
  | "NOT_A_TRANSACTION"
  | "TRANSACTION_FINISHED"
  | "FOREIGN_TRANSACTION"
  | "STORAGE_BUSY"
  | "STORAGE_FULL"
  | "STORAGE_FAILED"
  | "STORAGE_NOT_MIGRATED"
  | "STORAGE_NEWER"
  | "STORAGE_NOT_WAL"
  | "STORAGE_NETWORK_FILE"
  | "STORAGE_READ_ONLY"
  | "TRANSPORT_UNAVAILABLE"
  | "TRANSPORT_REFUSED"
  | "DEPENDENCY_MISSING"
  | "RELAY_RUNNING"
  | "CONSUMER_RUNNING"
  | "LETTER_REFUSED"
  | "LETTERS_FULL";

/** The base class of every error that Mailboat throws on purpose. */
export class MailboatError extends Error {
  /** What went wrong, for programs. */
  readonly code: ErrorCode;

  /**
   * Creates an error; control characters of its message are escaped. `cause`
   * is the lower-level error, where there is one.
   */
  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(printable(message), cause === undefined ? undefined : { cause });
    this.name = "MailboatError";
    this.code = code;
  }
}

/** What an {@link InputError} says about the value it refuses. */
export interface Refusal {
  /** What was attempted, as a verb phrase: `enqueue meter.read`. */
  readonly action: string;
  /** The name of the option, field or argument. */
  readonly field: string;
  /** What the value must be: `a string of 1 to 255 bytes`. */
  readonly required: string;
  /** The value, shortened with {@link shorten}; never a secret. */
  readonly found: string;
  /** The error that revealed it, where there is one. */
  readonly cause?: unknown;
}

/**
 * A value that Mailboat refuses before anything is stored or sent.
 *
 * @example
 * ```ts
 * new InputError("INVALID_TOPIC", {
 *   action: "enqueue meter.read",
 *   field: "topic",
 *   required: "free of the wildcards + and #",
 *   found: '"meters/+"',
 * }).message; // Cannot enqueue meter.read as topic must be free of …
 * ```
 */
export class InputError extends MailboatError {
  /** The name of the option, field or argument that is refused. */
  readonly field: string;
  /** The value found, shortened. */
  readonly found: string;
  /** What the value must be. */
  readonly required: string;

  /** Creates an error from its code and what is refused. */
  constructor(code: ErrorCode, refusal: Refusal) {
    const { action, field, required, found, cause } = refusal;
    super(
      code,
      `Cannot ${action} as ${field} must be ${required}: current value is ${found}`,
      cause,
    );
    this.name = "InputError";
    this.field = field;
    this.found = found;
    this.required = required;
  }
}

/**
 * The database refused or failed. `STORAGE_BUSY` passes by itself; after any
 * other code the outcome of a write is unknown unless the code says otherwise.
 */
export class StorageError extends MailboatError {
  /** Creates an error; `message` names the action, `cause` is the driver's error. */
  constructor(code: ErrorCode, message: string, cause?: unknown) {
    super(code, message, cause);
    this.name = "StorageError";
  }
}

/** The broker cannot be reached, or refuses the connection. */
export class TransportError extends MailboatError {
  /** When to try again. */
  readonly advice: Advice;

  /** Creates an error; `message` names the broker without its secrets. */
  constructor(
    code: ErrorCode,
    message: string,
    cause?: unknown,
    advice: Advice = "soon",
  ) {
    super(code, message, cause);
    this.name = "TransportError";
    this.advice = advice;
  }
}

const MAX_SHOWN = 80;

/** What must not reach a terminal, a log or a database as it is. */
const UNPRINTABLE = /\p{Cc}|\p{Cf}|\p{Cs}|[\u2028\u2029]/gu;

/**
 * Shows a value in an error message, on one line and in about 80 characters;
 * control characters are escaped.
 */
export function shorten(value: unknown): string {
  let text: string;
  // Cut before as well: a text may be huge.
  if (typeof value === "string") {
    text = JSON.stringify(value.slice(0, MAX_SHOWN));
  } else if (typeof value === "object" && value !== null) text = sortOf(value);
  else if (typeof value === "function") text = "a function";
  else if (typeof value === "bigint") text = `${value}n`;
  else text = String(value);
  return cut(printable(text), MAX_SHOWN);
}

/** Even to ask may throw: a proxy answers as it likes. */
function sortOf(value: object): string {
  try {
    return Array.isArray(value) ? `an array of ${value.length}` : "an object";
  } catch {
    return "an object";
  }
}

function printable(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

function escaped(character: string): string {
  const hex = character.codePointAt(0)?.toString(16).padStart(4, "0");
  return `\\u{${hex}}`;
}

/** Cuts a text to about `limit` characters, never through one. */
function cut(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${text.slice(0, limit - 1).replace(/[\ud800-\udbff]$/, "")}…`;
}

/**
 * The message of anything that was thrown, on one line and cut to `limit`
 * characters (default 256); control characters are escaped.
 */
export function reasonOf(thrown: unknown, limit: number = 256): string {
  const text = messageOf(thrown);
  return cut(printable(text.slice(0, limit + 1)), limit);
}

/** Anything can be thrown, also what throws when it is looked at. */
function messageOf(thrown: unknown): string {
  try {
    return String(thrown instanceof Error ? thrown.message : thrown);
  } catch {
    return "an error that cannot be shown";
  }
}
