/**
 * The message as a hand writes it: the same bytes in a table of its own.
 *
 * @module
 */

import { randomUUID } from "node:crypto";
import { blob, integer, sqliteTable, text } from "drizzle-orm/sqlite-core";
import type { Reading } from "./reading.ts";

/** Statement text of the business row: meter, n. */
export const INSERT_READING = "INSERT INTO reading (meter, n) VALUES (?, ?)";

/** Statement text of the message; its values are those of {@link handRow}. */
export const INSERT_HAND =
  `INSERT INTO hand (id, event, topic, key, enqueued_at_ms, payload)
  VALUES (?, ?, ?, ?, ?, ?)`;

/** The business table, for drizzle. */
export const readings = sqliteTable("reading", {
  id: integer("id").primaryKey(),
  meter: text("meter").notNull(),
  n: integer("n").notNull(),
});

/** The table of messages, for drizzle. */
export const hand = sqliteTable("hand", {
  seq: integer("seq").primaryKey(),
  id: text("id").notNull(),
  event: text("event").notNull(),
  topic: text("topic").notNull(),
  key: text("key"),
  enqueuedAtMs: integer("enqueued_at_ms").notNull(),
  payload: blob("payload", { mode: "buffer" }).notNull(),
});

/** The values of one message, in the order of the columns. */
export function handRow(reading: Reading) {
  return {
    id: randomUUID(),
    event: "meter.read",
    topic: `meters/${reading.meter}`,
    key: reading.meter,
    enqueuedAtMs: Date.now(),
    payload: Buffer.from(JSON.stringify(reading)),
  };
}
