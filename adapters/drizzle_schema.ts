/**
 * The tables as a drizzle schema, for projects whose migrations drizzle-kit
 * generates. Export them from the file that your configuration names, and go
 * on calling `storage.migrate()` at the start: it finds the tables there and
 * adds what drizzle-kit cannot know: two rows.
 *
 * The columns are not typed, as nobody but Mailboat should query them.
 *
 * @example
 * ```ts
 * // schema.ts, beside your own tables
 * export * from "@mailboat/outbox/drizzle/schema";
 * ```
 *
 * @module
 */

import { sql } from "drizzle-orm";
import {
  blob,
  index,
  integer,
  primaryKey,
  type SQLiteTable,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

/** Messages that are not delivered. */
export const mailboatMessage: SQLiteTable = sqliteTable("mailboat_message", {
  seq: integer("seq").primaryKey().notNull(),
  ...messageColumns(),
  chosenId: integer("chosen_id").notNull(),
  done: integer("done").notNull(),
  payload: blob("payload", { mode: "buffer" }).notNull(),
}, (table) => [
  uniqueIndex("mailboat_message_chosen_id").on(table.id)
    .where(sql`chosen_id = 1`),
]);

/** What is kept about refused messages. */
export const mailboatFailure: SQLiteTable = sqliteTable("mailboat_failure", {
  seq: integer("seq").primaryKey().notNull(),
  key: text("key"),
  state: text("state").notNull(),
  holds: integer("holds").notNull(),
  attempts: integer("attempts").notNull(),
  deaths: integer("deaths").notNull(),
  trial: text("trial"),
  firstFailedAtMs: integer("first_failed_at_ms").notNull(),
  failedAtMs: integer("failed_at_ms").notNull(),
  delayMs: integer("delay_ms").notNull(),
  code: text("code").notNull(),
  reason: text("reason").notNull(),
});

/** Delivered messages that are kept by choice. */
export const mailboatArchive: SQLiteTable = sqliteTable("mailboat_archive", {
  place: integer("place").primaryKey().notNull(),
  seq: integer("seq").notNull(),
  ...messageColumns(),
  deliveredAtMs: integer("delivered_at_ms").notNull(),
  payload: blob("payload", { mode: "buffer" }).notNull(),
});

/** The last position of each key. */
export const mailboatPosition: SQLiteTable = sqliteTable("mailboat_position", {
  key: text("key").primaryKey().notNull(),
  position: integer("position").notNull(),
  seq: integer("seq").notNull(),
});

/** Messages that a consumer accepted. */
export const mailboatInbox: SQLiteTable = sqliteTable("mailboat_inbox", {
  consumer: text("consumer").notNull(),
  number: integer("number").notNull(),
  source: text("source").notNull(),
  id: text("id").notNull(),
  acceptedAtMs: integer("accepted_at_ms").notNull(),
}, (table) => [
  primaryKey({ columns: [table.consumer, table.source, table.id] }),
  uniqueIndex("mailboat_inbox_number").on(table.consumer, table.number),
]);

/** How far a consumer has come in each key. */
export const mailboatInboxLane: SQLiteTable = sqliteTable(
  "mailboat_inbox_lane",
  {
    consumer: text("consumer").notNull(),
    number: integer("number").notNull(),
    source: text("source").notNull(),
    key: text("key").notNull(),
    position: integer("position"),
    seq: integer("seq"),
  },
  (table) => [
    primaryKey({ columns: [table.consumer, table.source, table.key] }),
    uniqueIndex("mailboat_inbox_lane_number").on(table.consumer, table.number),
  ],
);

/** Messages that a consumer could not handle. */
export const mailboatLetter: SQLiteTable = sqliteTable("mailboat_letter", {
  number: integer("number").primaryKey().notNull(),
  consumer: text("consumer").notNull(),
  content: text("content").notNull(),
  payload: blob("payload", { mode: "buffer" }).notNull(),
}, (table) => [index("mailboat_letter_consumer").on(table.consumer)]);

/** The newest of the messages that expired. */
export const mailboatExpired: SQLiteTable = sqliteTable("mailboat_expired", {
  place: integer("place").primaryKey().notNull(),
  seq: integer("seq").notNull(),
  ...messageColumns(),
  expiredAtMs: integer("expired_at_ms").notNull(),
  payload: blob("payload", { mode: "buffer" }).notNull(),
});

/** One row: the identity, the lease and the revision. */
export const mailboatRelay: SQLiteTable = sqliteTable("mailboat_relay", {
  id: integer("id").primaryKey().notNull(),
  identity: text("identity").notNull(),
  epoch: integer("epoch").notNull(),
  owner: text("owner"),
  beat: integer("beat").notNull(),
  leaseMs: integer("lease_ms").notNull(),
  renewedAtMs: integer("renewed_at_ms").notNull(),
  unproven: integer("unproven").notNull(),
  revision: integer("revision").notNull(),
});

/** One row for each migration that was applied. */
export const mailboatSchema: SQLiteTable = sqliteTable("mailboat_schema", {
  version: integer("version").primaryKey().notNull(),
});

function messageColumns() {
  return {
    id: text("id").notNull(),
    event: text("event").notNull(),
    topic: text("topic").notNull(),
    key: text("key"),
    contentType: text("content_type"),
    headers: text("headers"),
    responseTopic: text("response_topic"),
    correlationData: text("correlation_data"),
    qos: integer("qos").notNull(),
    retain: integer("retain").notNull(),
    onDead: integer("on_dead"),
    enqueuedAtMs: integer("enqueued_at_ms").notNull(),
    ttlMs: integer("ttl_ms"),
    position: integer("position"),
  };
}
