/**
 * JSON that says no. Where `JSON.stringify` drops or changes data in silence
 * (NaN to null, a Map to `{}`), this refuses and names the place; everything
 * else is written exactly as `JSON.stringify` writes it.
 *
 * @module
 */

import { InputError } from "../errors.ts";
import { kindOf, tagOf } from "./kind.ts";
import { pathText } from "./path.ts";

/** How deep arrays and objects may be nested. */
export const MAX_DEPTH = 100;

const JSON_VALUE =
  "a string, finite number, boolean, null, array or plain object";

/** A value to write as JSON. */
export interface JsonRequest {
  /** What is being done, as a verb phrase: `enqueue meter.read`. */
  readonly action: string;
  /** The value. */
  readonly value: unknown;
  /** Give up when the text is longer than this, commas and colons left aside. */
  readonly maxChars: number;
  /** The error to throw then. */
  readonly overflow: () => InputError;
}

/**
 * Writes a value as JSON, reading each property once.
 *
 * Like `JSON.stringify` it calls `toJSON`, drops properties that are
 * `undefined` and ignores symbol keys. It refuses bigints, NaN and infinities,
 * functions, symbols, `undefined` at the root or in an array, invalid dates,
 * lone surrogates, cycles, nesting deeper than 100, and objects whose content
 * JSON does not see (Map, Set, typed arrays, errors …).
 *
 * @throws {InputError} `INVALID_PAYLOAD` with the path, or the overflow error.
 */
export function jsonText(request: JsonRequest): string {
  return new JsonWriter(request).write();
}

/** Text that JSON writes as it is, between quotation marks. */
const PLAIN = /^[ !#-[\]-~]*$/;

/**
 * The path is kept as a stack, and is still there when something throws. A
 * cycle shows as a depth or a length that never ends; to look for it only then
 * keeps the common case free of bookkeeping.
 */
class JsonWriter {
  readonly #request: JsonRequest;
  readonly #holders: object[] = [];
  readonly #keys: PropertyKey[] = [];
  #chars = 0;

  constructor(request: JsonRequest) {
    this.#request = request;
  }

  write(): string {
    try {
      return this.#value(this.#own(this.#request.value, ""));
    } catch (cause) {
      if (cause instanceof InputError) throw cause;
      throw this.#refusal("readable", "an exception", cause);
    }
  }

  /** What JSON takes for the value: the result of its `toJSON`, if it has one. */
  #own(value: unknown, key: PropertyKey): unknown {
    if (typeof value !== "object" || value === null) return value;
    const { toJSON } = value as { readonly toJSON?: unknown };
    if (typeof toJSON !== "function") return value;
    // A Buffer turns itself into an array of numbers, a dead date into null.
    if (ArrayBuffer.isView(value)) {
      throw this.#refusal(JSON_VALUE, kindOf(value));
    }
    if (value instanceof Date && Number.isNaN(value.getTime())) {
      throw this.#refusal("a valid date", "an invalid date");
    }
    return toJSON.call(value, String(key));
  }

  #value(value: unknown): string {
    if (typeof value === "string") return this.#quoted(value);
    if (typeof value === "number" && Number.isFinite(value)) {
      return this.#spent(String(value));
    }
    if (typeof value === "boolean" || value === null) {
      return this.#spent(String(value));
    }
    if (typeof value === "object") return this.#container(value);
    throw this.#refusal(JSON_VALUE, kindOf(value));
  }

  #container(value: object): string {
    const isArray = Array.isArray(value);
    if (!isArray && !isPlain(value)) {
      throw this.#refusal(JSON_VALUE, kindOf(value));
    }
    this.#holders.push(value);
    if (this.#holders.length > MAX_DEPTH) {
      throw this.#cycle() ??
        this.#refusal(`at most ${MAX_DEPTH} levels deep`, "deeper");
    }
    this.#spent("[]");
    this.#keys.push("");
    const text = isArray ? this.#items(value) : this.#properties(value);
    this.#keys.pop();
    this.#holders.pop();
    return text;
  }

  #items(array: readonly unknown[]): string {
    const at = this.#keys.length - 1;
    let text = "";
    for (let index = 0; index < array.length; index += 1) {
      this.#keys[at] = index;
      const item = this.#value(this.#own(array[index], index));
      text += index === 0 ? item : `,${item}`;
    }
    return `[${text}]`;
  }

  #properties(object: object): string {
    const at = this.#keys.length - 1;
    let text = "";
    for (const key of Object.keys(object)) {
      this.#keys[at] = key;
      const value = this.#own((object as Record<string, unknown>)[key], key);
      if (value === undefined) continue;
      const property = `${this.#quoted(key)}:${this.#value(value)}`;
      text += text === "" ? property : `,${property}`;
    }
    return `{${text}}`;
  }

  #quoted(text: string): string {
    if (text.length > this.#request.maxChars) throw this.#overflow();
    if (PLAIN.test(text)) return this.#spent(`"${text}"`);
    const fault = /\p{Cs}/u.exec(text);
    if (fault === null) return this.#spent(JSON.stringify(text));
    throw this.#refusal(
      "well-formed Unicode",
      `a lone surrogate at index ${fault.index}`,
    );
  }

  #spent(text: string): string {
    this.#chars += text.length;
    if (this.#chars > this.#request.maxChars) throw this.#overflow();
    return text;
  }

  #overflow(): InputError {
    return this.#cycle() ?? this.#request.overflow();
  }

  #cycle(): InputError | null {
    const holders = this.#holders;
    const again = holders.findIndex((one, at) => holders.indexOf(one) < at);
    if (again < 0) return null;
    const first = holders.indexOf(holders[again]!);
    this.#keys.length = again;
    return this.#refusal(
      "free of cycles",
      `a reference to ${pathText(this.#keys.slice(0, first))}`,
    );
  }

  #refusal(required: string, found: string, cause?: unknown): InputError {
    return new InputError("INVALID_PAYLOAD", {
      action: this.#request.action,
      field: pathText(this.#keys),
      required,
      found,
      cause,
    });
  }
}

/** An object with another tag keeps its content where JSON cannot see it. */
function isPlain(value: object): boolean {
  return Object.getPrototypeOf(value) === Object.prototype ||
    tagOf(value) === "Object";
}
