/**
 * What the writers write: a reading, and the event that tells of it. The row
 * is what the event is judged by.
 *
 * @module
 */

import { defineEvent, type EventDefinition } from "@mailboat/outbox";
import * as v from "valibot";

/** One row of the business table, and one message. */
export interface Reading {
  /** The message's id. */
  readonly id: string;
  readonly key: string;
  /** Counts the readings of the key. */
  readonly n: number;
  /** The transaction it was written in, and how many were written there. */
  readonly tx: string;
  readonly size: number;
}

/** What the event says. */
export type Taken = Pick<Reading, "key" | "n">;

/** The business table. Writers take turns, so its rows are in commit order. */
export const READING_TABLE = `CREATE TABLE IF NOT EXISTS reading (
  position INTEGER PRIMARY KEY, id TEXT NOT NULL, key TEXT NOT NULL,
  n INTEGER NOT NULL, tx TEXT NOT NULL, size INTEGER NOT NULL
);
CREATE INDEX IF NOT EXISTS reading_key ON reading (key, n)`;

/** Tells of one reading. */
export const readingTaken: EventDefinition<Taken> = defineEvent(
  "reading.taken",
  {
    schema: v.object({ key: v.string(), n: v.number() }),
    topic: ({ key }) => `readings/${key}`,
    key: ({ key }) => key,
  },
);
