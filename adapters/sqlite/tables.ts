/**
 * The tables: their names, their columns and the statements that make them.
 *
 * @module
 */

import { InputError, shorten } from "../../mod.ts";
import {
  createInboxTables,
  type InboxTables,
  inboxTablesOf,
} from "./inbox_tables.ts";
import { createPositionTable, type PositionTables } from "./position_tables.ts";

/** What begins the name of every table, unless the user chooses otherwise. */
export const DEFAULT_PREFIX = "mailboat_";

/** The names of the tables, quoted. */
export interface Tables extends InboxTables, PositionTables {
  /** Messages that are not delivered. */
  readonly message: string;
  /** What is kept about refused messages, beside the hot table. */
  readonly failure: string;
  /** Delivered messages that are kept by choice. */
  readonly archive: string;
  /** The newest of those that expired. */
  readonly expired: string;
  /** One row: the identity, the lease and the revision. */
  readonly relay: string;
  /** One row for each migration that was applied. */
  readonly schema: string;
  /** The index that finds an id that the caller chose. */
  readonly chosenId: string;
}

/**
 * The columns of a message in the order in which they travel, but for its
 * sequence and its payload.
 */
export const MESSAGE_COLUMNS: readonly string[] = [
  "id",
  "event",
  "topic",
  "key",
  "content_type",
  "headers",
  "response_topic",
  "correlation_data",
  "qos",
  "retain",
  "on_dead",
  "enqueued_at_ms",
  "ttl_ms",
  "position",
];

/** The columns of a failure record in the order in which they travel. */
export const FAILURE_COLUMNS: readonly string[] = [
  "seq",
  "key",
  "state",
  "holds",
  "attempts",
  "deaths",
  "trial",
  "first_failed_at_ms",
  "failed_at_ms",
  "delay_ms",
  "code",
  "reason",
];

/** A list of columns for a statement; `from` names the table they belong to. */
export function listed(columns: readonly string[], from?: string): string {
  const owner = from === undefined ? "" : `${from}.`;
  return columns.map((column) => `${owner}"${column}"`).join(", ");
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]{0,62}$/;

/**
 * Quotes the names of tables, each behind a prefix.
 *
 * @throws {InputError} `INVALID_OPTION` when the prefix is not an identifier.
 */
export function namesBehind(
  prefix: string = DEFAULT_PREFIX,
): (name: string) => string {
  if (typeof prefix !== "string" || !IDENTIFIER.test(prefix)) {
    throw new InputError("INVALID_OPTION", {
      action: "create a storage",
      field: "prefix",
      required: "1 to 63 letters, digits or _, not beginning with a digit",
      found: shorten(prefix),
    });
  }
  return (name) => `"${prefix}${name}"`;
}

/**
 * Names the tables.
 *
 * @throws {InputError} `INVALID_OPTION` when the prefix is not an identifier.
 */
export function tablesOf(prefix?: string): Tables {
  const named = namesBehind(prefix);
  return {
    message: named("message"),
    failure: named("failure"),
    archive: named("archive"),
    expired: named("expired"),
    relay: named("relay"),
    schema: named("schema"),
    chosenId: named("message_chosen_id"),
    position: named("position"),
    ...inboxTablesOf(named),
  };
}

const MESSAGE_BODY = `
  "id" text NOT NULL,
  "event" text NOT NULL,
  "topic" text NOT NULL,
  "key" text,
  "content_type" text,
  "headers" text,
  "response_topic" text,
  "correlation_data" text,
  "qos" integer NOT NULL,
  "retain" integer NOT NULL,
  "on_dead" integer,
  "enqueued_at_ms" integer NOT NULL,
  "ttl_ms" integer,
  "position" integer`;

/**
 * The statements that make the tables of version 1, each a no-op when its
 * table is there. The payload stands last: what stands behind a long payload
 * costs a walk along its overflow pages.
 */
export function createTables(tables: Tables): readonly string[] {
  const { message, failure, archive, expired } = tables;
  const { relay, schema, chosenId } = tables;
  return [
    `CREATE TABLE IF NOT EXISTS ${schema} (
  "version" integer PRIMARY KEY NOT NULL
)`,
    `CREATE TABLE IF NOT EXISTS ${message} (
  "seq" integer PRIMARY KEY NOT NULL,${MESSAGE_BODY},
  "chosen_id" integer NOT NULL,
  "done" integer NOT NULL,
  "payload" blob NOT NULL
)`,
    `CREATE UNIQUE INDEX IF NOT EXISTS ${chosenId} ON ${message} ("id") WHERE chosen_id = 1`,
    `CREATE TABLE IF NOT EXISTS ${failure} (
  "seq" integer PRIMARY KEY NOT NULL,
  "key" text,
  "state" text NOT NULL,
  "holds" integer NOT NULL,
  "attempts" integer NOT NULL,
  "deaths" integer NOT NULL,
  "trial" text,
  "first_failed_at_ms" integer NOT NULL,
  "failed_at_ms" integer NOT NULL,
  "delay_ms" integer NOT NULL,
  "code" text NOT NULL,
  "reason" text NOT NULL
)`,
    `CREATE TABLE IF NOT EXISTS ${archive} (
  "place" integer PRIMARY KEY NOT NULL,
  "seq" integer NOT NULL,${MESSAGE_BODY},
  "delivered_at_ms" integer NOT NULL,
  "payload" blob NOT NULL
)`,
    `CREATE TABLE IF NOT EXISTS ${expired} (
  "place" integer PRIMARY KEY NOT NULL,
  "seq" integer NOT NULL,${MESSAGE_BODY},
  "expired_at_ms" integer NOT NULL,
  "payload" blob NOT NULL
)`,
    `CREATE TABLE IF NOT EXISTS ${relay} (
  "id" integer PRIMARY KEY NOT NULL,
  "identity" text NOT NULL,
  "epoch" integer NOT NULL,
  "owner" text,
  "beat" integer NOT NULL,
  "lease_ms" integer NOT NULL,
  "renewed_at_ms" integer NOT NULL,
  "unproven" integer NOT NULL,
  "revision" integer NOT NULL
)`,
    ...createPositionTable(tables),
    ...createInboxTables(tables),
  ];
}
