/**
 * Arguments of a function, most of them as they should be, one of them hostile.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import { hostileHeaders, hostileText, hostileValue } from "./hostile_values.ts";

/** A function of any shape: hostile arguments fit no type. */
// deno-lint-ignore no-explicit-any
export type Loose = any;

/** The same function, for arguments of any type. */
export function loose(callee: unknown): Loose {
  return callee;
}

/** The good options with one of them hostile, or something else in their place. */
export function mutated(
  random: SeededRandom,
  good: object,
  names: readonly string[],
): unknown {
  if (random.chance(0.15)) return hostileValue(random);
  const name = random.pick(names);
  const value = name === "headers" || name === "userProperties"
    ? hostileHeaders(random)
    : hostileValue(random);
  return Object.defineProperty({ ...good }, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

/** Nothing, or something hostile in its place. */
export function optional(random: SeededRandom): unknown {
  return random.chance(0.5) ? undefined : hostileValue(random);
}

/** What might be taken for the address of a broker. */
export function hostileUrl(random: SeededRandom): unknown {
  if (random.chance(0.3)) return hostileValue(random);
  const scheme = random.pick(["mqtt", "mqtts", "ws", "wss", "file", "http"]);
  return `${scheme}://${hostileText(random)}:${hostileText(random)}@${
    random.pick(["127.0.0.1", "[::1]", "", "\u0000", "a b", "xn--"])
  }:${random.pick(["1883", "0", "-1", "99999", "x"])}${hostileText(random)}`;
}
