/**
 * A history as text: one entry of JSON per line, appended as things happen.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";
import type { HistoryEntry } from "./history.ts";

/** A history that was read from text. */
export interface ParsedHistory {
  /** Every entry that is there as a whole. */
  readonly entries: readonly HistoryEntry[];
  /** What is there of a last line that was cut in its middle; `null` when it was not. */
  readonly cutLine: string | null;
}

/**
 * Reads a history from its lines. A last line that was cut in its middle, as a
 * process leaves it that dies while it writes, is told and left out.
 *
 * @throws {InputError} `INVALID_OPTION` when any other line is no entry, with its number.
 *
 * @example
 * ```ts
 * const { entries, cutLine } = parseHistory('{"type":"end"}\n{"type":"fau');
 * judgeHistory(entries);
 * cutLine; // {"type":"fau
 * ```
 */
export function parseHistory(text: string): ParsedHistory {
  const lines = text.split("\n");
  const last = lines.pop() ?? "";
  const entries = lines.map((line, index) => {
    const entry = entryOf(line);
    if (entry === null) refuse(index + 1, line);
    return entry;
  });
  if (last === "") return { entries, cutLine: null };
  const entry = entryOf(last);
  return entry === null
    ? { entries, cutLine: last }
    : { entries: [...entries, entry], cutLine: null };
}

function entryOf(line: string): HistoryEntry | null {
  const value = jsonOf(line);
  if (!isObject(value)) return null;
  const { type } = value;
  if (typeof type !== "string" || !Object.hasOwn(shapes, type)) return null;
  const shape = shapes[type as HistoryEntry["type"]];
  return keepsShape(value, shape) ? value as unknown as HistoryEntry : null;
}

type Check = (value: unknown) => boolean;
type FieldsOf<T> = { readonly [Field in keyof Omit<T, "type">]: Check };

const isText: Check = (value) => typeof value === "string";
const isFlag: Check = (value) => typeof value === "boolean";
const isAmount: Check = (value) => Number.isFinite(value);
const isCount: Check = (value) => Number.isSafeInteger(value);

const message = {
  id: isText,
  key: (value: unknown) => value === null || isText(value),
  position: isCount,
};

/** The fields that an entry of each type must have; it may have more. */
const shapes: {
  readonly [Type in HistoryEntry["type"]]: FieldsOf<
    Extract<HistoryEntry, { readonly type: Type }>
  >;
} = {
  intended: {
    tx: isText,
    messages: (value) =>
      Array.isArray(value) &&
      value.every((one) => isObject(one) && keepsShape(one, message)),
  },
  committed: { tx: isText },
  rolledBack: { tx: isText },
  resolved: { tx: isText, committed: isFlag },
  received: message,
  refused: { id: isText },
  dead: { id: isText, held: isFlag },
  retried: { id: isText },
  discarded: { id: isText },
  expired: { id: isText, ageMs: isAmount, ttlMs: isAmount },
  fault: { kind: isText, duplicates: isCount },
  remaining: { id: isText },
  end: {},
};

function keepsShape(
  value: Readonly<Record<string, unknown>>,
  shape: Readonly<Record<string, Check>>,
): boolean {
  return Object.entries(shape).every(([field, check]) => check(value[field]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function refuse(line: number, found: string): never {
  throw new InputError("INVALID_OPTION", {
    action: "read a history",
    field: `line ${line}`,
    required: "an entry in JSON",
    found: shorten(found),
  });
}
