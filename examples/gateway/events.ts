/**
 * The one event of this gateway: a device was read.
 *
 * @module
 */

import { defineEvent, type EventDefinition } from "@mailboat/outbox";
import * as v from "valibot";

/** One reading of one device. */
export interface Reading {
  /** The gateway that took it; part of the topic. */
  readonly gateway: string;
  /** The device; the ordering key. */
  readonly device: string;
  /** Counts the readings of this device. */
  readonly reading: number;
  /** When it was taken, in ms since the epoch. */
  readonly takenAtMs: number;
  /** What was measured, by name and unit. */
  readonly values: Readonly<Record<string, number>>;
}

/** Checks a reading: before it is stored, and again where it arrives. */
export const readingSchema: v.GenericSchema<Reading> = v.object({
  gateway: v.pipe(v.string(), v.regex(/^[a-z0-9-]+$/)),
  device: v.pipe(v.string(), v.regex(/^[a-z0-9_.-]+$/i)),
  reading: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  takenAtMs: v.number(),
  values: v.record(v.string(), v.number()),
});

/** All readings of a device share its key: they arrive in the order of their commits. */
export const deviceRead: EventDefinition<Reading> = defineEvent("device.read", {
  schema: readingSchema,
  topic: (event) => `gateways/${event.gateway}/${event.device}`,
  key: (event) => event.device,
});
