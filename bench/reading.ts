/**
 * The event of the benchmarks: a meter's reading, 256 bytes as JSON.
 *
 * @module
 */

import { defineEvent, type EventDefinition } from "@mailboat/outbox";
import * as v from "valibot";

/** A reading. */
export interface Reading {
  readonly meter: string;
  readonly n: number;
  /** Brings it to its size. */
  readonly pad: string;
}

/** The size of a reading as JSON. */
export const PAYLOAD_BYTES = 256;

/** A reading as an event, with its meter as the key. */
export const meterRead: EventDefinition<Reading> = defineEvent("meter.read", {
  schema: v.object({ meter: v.string(), n: v.number(), pad: v.string() }),
  topic: ({ meter }) => `meters/${meter}`,
  key: ({ meter }) => meter,
});

/** The `n`th reading of `keys` meters that take turns. */
export function readingOf(n: number, keys: number): Reading {
  return readingBy(`m-${n % keys}`, n);
}

/** The `n`th reading, of one meter. */
export function readingBy(meter: string, n: number): Reading {
  const bare = { meter, n, pad: "" };
  const pad = "x".repeat(PAYLOAD_BYTES - JSON.stringify(bare).length);
  return { ...bare, pad };
}
