/**
 * Headers: extra properties that travel with a message, on the wire as
 * CloudEvents extension attributes and MQTT user properties.
 *
 * @module
 */

import { InputError, shorten } from "../errors.ts";
import { kindOf, tagOf } from "./kind.ts";
import { checkedText } from "./text.ts";

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
  "contentencoding",
  "expirytime",
];

/** Header maps to check and merge. */
export interface HeadersRequest {
  /** What is being done, as a verb phrase. */
  readonly action: string;
  /** The maps; where names are equal the later one wins, `undefined` has none. */
  readonly sources: readonly unknown[];
}

/**
 * Returns the headers of all sources as one map without a prototype, so that
 * no name can reach one.
 *
 * @throws {InputError} `INVALID_HEADER` for a name that is not 1 to 20
 * characters of a-z and 0-9 or is reserved, a value that is not a text of at
 * most 65,535 bytes, and more than 64 headers.
 */
export function checkedHeaders(
  { action, sources }: HeadersRequest,
): Readonly<Record<string, string>> {
  const headers: Record<string, string> = Object.create(null);
  let count = 0;
  for (const source of sources) {
    if (source === undefined) continue;
    for (const [name, value] of entriesOf(action, source)) {
      checkName(action, name);
      if (!(name in headers)) count += 1;
      if (count > MAX_HEADERS) throw tooMany(action, `over ${MAX_HEADERS}`);
      headers[name] = checkedText({
        action,
        code: "INVALID_HEADER",
        field: `header ${name}`,
        value,
        minBytes: 0,
      });
    }
  }
  return headers;
}

function entriesOf(action: string, source: unknown): [string, unknown][] {
  const isRecord = typeof source === "object" && source !== null &&
    tagOf(source) === "Object";
  if (!isRecord) {
    throw new InputError("INVALID_HEADER", {
      action,
      field: "headers",
      required: "a plain object of strings",
      found: kindOf(source),
    });
  }
  try {
    const names = Object.keys(source);
    if (names.length > MAX_HEADERS) throw tooMany(action, `${names.length}`);
    return Object.entries(source);
  } catch (cause) {
    if (cause instanceof InputError) throw cause;
    throw new InputError("INVALID_HEADER", {
      action,
      field: "headers",
      required: "readable",
      found: "an exception",
      cause,
    });
  }
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
