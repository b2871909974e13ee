/**
 * Says what sort of thing a value is without showing the value: payloads are
 * not for error messages.
 *
 * @module
 */

/** Names the kind of a value: `undefined`, `NaN`, `a string`, `a Map`. */
export function kindOf(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (typeof value === "number" && !Number.isFinite(value)) {
    return String(value);
  }
  if (typeof value !== "object") return `a ${typeof value}`;
  const tag = tagOf(value);
  if (!/^[A-Za-z]\w{0,39}$/.test(tag)) return "an object";
  if (tag === "Array" || tag === "Object") return `an ${tag.toLowerCase()}`;
  return `${/^[AEIO]/.test(tag) ? "an" : "a"} ${tag}`;
}

/**
 * The built-in tag of an object: `Object`, `Array`, `Uint8Array`. Unlike
 * `instanceof`, it also knows the objects of another realm. Empty for an
 * object that does not let itself be looked at.
 */
export function tagOf(value: object): string {
  try {
    return Object.prototype.toString.call(value).slice("[object ".length, -1);
  } catch {
    return "";
  }
}

/** Whether a value is a Uint8Array, of whatever realm. */
export function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && tagOf(value) === "Uint8Array";
}

/** Whether `await` would wait for a value. */
export function isThenable(value: unknown): value is PromiseLike<unknown> {
  try {
    return typeof value === "object" && value !== null && "then" in value &&
      typeof value.then === "function";
  } catch {
    return false;
  }
}
