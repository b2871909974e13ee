/**
 * Reads what a Standard Schema says about a payload. Its messages and paths
 * may quote the payload, so errors show property names and kinds only.
 *
 * @module
 */

import { InputError } from "../errors.ts";
import type { SchemaIssue, StandardSchema } from "../standard_schema.ts";
import { kindOf, tagOf } from "./kind.ts";
import { pathText } from "./path.ts";

const MAX_ISSUES = 5;
/** Payloads are not nested deeper, and a path may be of any length. */
const MAX_PATH = 100;

/** Whether a value implements Standard Schema 1. Some libraries use functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  if (value === null) return false;
  if (typeof value !== "object" && typeof value !== "function") return false;
  const { "~standard": standard } = value as Partial<StandardSchema>;
  return standard?.version === 1 && typeof standard.validate === "function";
}

/** The end of a validation. */
export interface Validation {
  /** What is being done, as a verb phrase. */
  readonly action: string;
  /** What was validated. */
  readonly data: unknown;
  /** What `validate` returned, when it is not a promise. */
  readonly result: unknown;
}

/**
 * Returns the schema's output.
 *
 * @throws {InputError} `INVALID_PAYLOAD` with at most five of the places that
 * the schema refuses; `INVALID_EVENT` when the result is none.
 */
export function outputOf({ action, data, result }: Validation): unknown {
  if (typeof result !== "object" || result === null) {
    throw new InputError("INVALID_EVENT", {
      action,
      field: "schema",
      required: "a Standard Schema, whose validate returns a result",
      found: kindOf(result),
    });
  }
  let places: string;
  try {
    // Issues first: a failed result may carry a value as well.
    const { issues, value } = result as {
      readonly issues?: readonly SchemaIssue[];
      readonly value?: unknown;
    };
    if (!issues) return value;
    if (!Array.isArray(issues)) throw new TypeError("Its issues are no array");
    places = placesOf(issues, data);
  } catch (cause) {
    throw new InputError("INVALID_EVENT", {
      action,
      field: "schema",
      required: "a Standard Schema, whose validate returns a result",
      found: "one that cannot be read",
      cause,
    });
  }
  throw new InputError("INVALID_PAYLOAD", {
    action,
    field: "payload",
    required: "valid for its schema",
    found: `refused at ${places}`,
  });
}

function placesOf(issues: readonly SchemaIssue[], data: unknown): string {
  const places = issues.slice(0, MAX_ISSUES).map((issue) => {
    const keys = keysOf(issue);
    return `${pathText(keys)} (${kindAt(data, keys)})`;
  });
  const more = issues.length - places.length;
  return more > 0 ? `${places.join(", ")} and ${more} more` : places.join(", ");
}

/** Where an issue is; at the root when it does not say. */
function keysOf(issue: SchemaIssue): readonly PropertyKey[] {
  if (!Array.isArray(issue?.path)) return [];
  return issue.path.slice(0, MAX_PATH).map((part) =>
    typeof part === "object" && part !== null ? part.key : part
  );
}

/** Reads no getter: the schema has seen the data, and once is enough. */
function kindAt(data: unknown, keys: readonly PropertyKey[]): string {
  let value = data;
  for (const key of keys) {
    if (typeof value !== "object" || value === null) return "missing";
    const property = Object.getOwnPropertyDescriptor(value, key);
    if (property === undefined) {
      const open = tagOf(value) === "Object" || Array.isArray(value);
      return open ? "missing" : `in ${kindOf(value)}`;
    }
    value = property.value;
  }
  return kindOf(value);
}
