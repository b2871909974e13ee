/**
 * Topic filters (MQTT 5 §4.7.1).
 *
 * @module
 */

import { stringFault } from "./utf8_string.ts";

/** What is wrong with a topic filter, or `null`. */
export function filterFault(filter: unknown): string | null {
  const fault = stringFault(filter);
  if (fault !== null) return fault;
  const text = filter as string;
  if (text === "") return "is empty";
  const levels = text.split("/");
  for (const [at, level] of levels.entries()) {
    const isWild = level === "+" || (level === "#" && at === levels.length - 1);
    if (!isWild && /[+#]/.test(level)) {
      return "has a wildcard that is no level of its own, or # before its end";
    }
  }
  return null;
}
