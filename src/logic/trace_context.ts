/**
 * Trace context: the two headers that tie a message to the request it came
 * from. Whoever receives a `traceparent` that breaks the format drops it and
 * begins a new trace, in silence, so it is refused where it is made.
 *
 * @module
 */

/**
 * W3C Trace Context, §3.2: version, trace id, parent id and flags, the ids not
 * all zero. Version 00 ends there, a later one may go on; ff is none.
 */
const TRACEPARENT =
  /^(?:00(?=.{53}$)|(?!00|ff)[0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?$/;

/**
 * W3C Trace Context, §3.3.1.5: a vendor should carry at least 512 characters,
 * and need not carry more.
 */
const MAX_TRACESTATE = 512;

/** What the value of a header must be and is not; `null` when nothing is amiss. */
export function traceFault(name: string, value: string): string | null {
  if (name === "traceparent" && !TRACEPARENT.test(value)) {
    return "a W3C trace context: 00, a trace id of 32, a parent id of 16 and " +
      "flags of 2 lower-case hexadecimal digits, joined by -, no id all zero";
  }
  if (name === "tracestate" && value.length > MAX_TRACESTATE) {
    return `of at most ${MAX_TRACESTATE} characters`;
  }
  return null;
}
