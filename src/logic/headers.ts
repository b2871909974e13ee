/**
 * Headers: extra properties that travel with a message, on the wire as
 * CloudEvents extension attributes and MQTT user properties.
 *
 * @module
 */

import { InputError, shorten } from "../errors.ts";
import { kindOf, tagOf } from "./kind.ts";
import { checkedText } from "./text.ts";
import { traceFault } from "./trace_context.ts";

/** The most headers that a message carries. */
export const MAX_HEADERS = 64;

/** CloudEvents 1.0 §3.1, naming conventions. */
const NAME = /^[a-z0-9]{1,20}$/;

/** Attributes that Mailboat sets from the message itself. */
const RESERVED: readonly string[] = [
  "specversion",
  "id",
  "source",
  "type",
  "time",
  "datacontenttype",
  "dataschema",
  "subject",
  "data",
  "data_base64",
  "partitionkey",
  "sequence",
  "position",
  "contentencoding",
  "expirytime",
];

/** Headers to check and merge. */
export interface HeadersRequest {
  /** What is being done, as a verb phrase. */
  readonly action: string;
  /**
   * Records, or iterables of pairs; where names are equal the later source
   * wins, `undefined` has none.
   */
  readonly sources: readonly unknown[];
}

/**
 * Returns the headers of all sources as one map without a prototype, so that
 * no name can reach one.
 *
 * @throws {InputError} `INVALID_HEADER` for a name that is not 1 to 20
 * characters of a-z and 0-9, is reserved or repeats within its source, a value
 * that is not a text of at most 65,535 bytes or no trace context where it must
 * be one, and more than 64 headers.
 */
export function checkedHeaders(
  { action, sources }: HeadersRequest,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null);
  let count = 0;
  for (const source of sources) {
    if (source === undefined) continue;
    const seen = new Set<string>();
    for (const [name, value] of entriesOf(action, source)) {
      checkName(action, name);
      if (seen.has(name)) throw repeated(action, name);
      seen.add(name);
      if (!(name in headers)) count += 1;
      if (count > MAX_HEADERS) throw tooMany(action, `over ${MAX_HEADERS}`);
      headers[name] = checkedValue(action, name, value);
    }
  }
  return headers;
}

type Entry = readonly [name: string, value: unknown];

function entriesOf(action: string, source: unknown): readonly Entry[] {
  const refused = (required: string, found: string, cause?: unknown) =>
    new InputError("INVALID_HEADER", {
      action,
      field: "headers",
      required,
      found,
      cause,
    });
  const shape = "a plain object of strings, or pairs of name and value";
  try {
    if (typeof source !== "object" || source === null) {
      throw refused(shape, kindOf(source));
    }
    if (Symbol.iterator in source) {
      return pairsOf(source as Iterable<unknown>, action, refused);
    }
    if (tagOf(source) !== "Object") throw refused(shape, kindOf(source));
    const names = Object.keys(source);
    if (names.length > MAX_HEADERS) throw tooMany(action, `${names.length}`);
    return Object.entries(source);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw refused("readable", "an exception", cause);
  }
}

/** Stops at the limit: nobody knows how many there are. */
function pairsOf(
  source: Iterable<unknown>,
  action: string,
  refused: (required: string, found: string) => InputError,
): readonly Entry[] {
  const pairs: Entry[] = [];
  const iterator: object = source[Symbol.iterator]();
  // Whoever enqueues again after a failure would enqueue without headers.
  if (iterator === source) {
    throw refused("readable more than once", "an iterator: make it an array");
  }
  for (const pair of source) {
    if (!Array.isArray(pair) || pair.length !== 2) {
      throw refused("pairs of name and value", kindOf(pair));
    }
    if (pairs.length === MAX_HEADERS) {
      throw tooMany(action, `over ${MAX_HEADERS}`);
    }
    pairs.push([pair[0], pair[1]]);
  }
  return pairs;
}

function checkedValue(action: string, name: string, value: unknown): string {
  const code = "INVALID_HEADER";
  const field = `header ${name}`;
  const text = checkedText({ action, code, field, value, minBytes: 0 });
  const required = traceFault(name, text);
  if (required === null) return text;
  const found = `another text of ${text.length} characters`;
  throw new InputError(code, { action, field, required, found });
}

/** CloudEvents has no attribute with two values, and a receiver would take the first. */
function repeated(action: string, name: string): InputError {
  return new InputError("INVALID_HEADER", {
    action,
    field: `header ${name}`,
    required: "given once: join its values, or give each a name of its own",
    found: "given again",
  });
}

function tooMany(action: string, found: string): InputError {
  return new InputError("INVALID_HEADER", {
    action,
    field: "headers",
    required: `at most ${MAX_HEADERS} headers`,
    found,
  });
}

function checkName(action: string, name: string): void {
  const code = "INVALID_HEADER";
  const field = "a header name";
  checkedText({ action, code, field, value: name });
  const required = !NAME.test(name)
    ? "1 to 20 characters of a-z and 0-9"
    : RESERVED.includes(name)
    ? `none of ${RESERVED.join(", ")}`
    : null;
  if (required === null) return;
  throw new InputError(code, { action, field, required, found: shorten(name) });
}
