/**
 * The writer: messages stored through the user's own transaction.
 *
 * Any number of messages is one statement, so that all or none are stored even
 * if the user catches its error and commits.
 *
 * @module
 */

import { type NewMessage, StorageError, type Writer } from "../../mod.ts";
import type { SqlStatement, SqlValue } from "./driver.ts";
import { messageCellsOf } from "./message_row.ts";
import { listed, MESSAGE_COLUMNS, type Tables } from "./tables.ts";
import {
  type Enter,
  entered,
  foreign,
  runOn,
  type Target,
} from "./transaction.ts";

/** What a driver adds: its transactions and its batches. */
export interface TransactionPort<Tx, Statement> {
  /** Checks a handle, and runs statements on it. */
  readonly enter: Enter<Tx>;
  /** Makes a statement for the driver's batch. */
  readonly statementOf: (statement: SqlStatement) => Statement;
}

/** The outbox that is written to. */
export interface Home {
  /** The names of its tables. */
  readonly tables: Tables;
  /** Its own name, as its database tells it. */
  readonly identity: () => Promise<string>;
  /** Tells the relays of this process that a commit may follow. */
  readonly announce: () => void;
}

/** Creates a writer. */
export function sqliteWriter<Tx, Statement>(
  { enter, statementOf }: TransactionPort<Tx, Statement>,
  home: Home,
): Writer<Tx, Statement> {
  const { tables } = home;
  return {
    async insert(tx, messages) {
      const run = entered(enter, tx, action);
      if (messages.length === 0) return [];
      const identity = await home.identity();
      const stored = await insert(
        { action, run, tables, identity },
        messages,
      );
      home.announce();
      return stored;
    },
    statements(messages) {
      if (messages.length === 0) return [];
      return [statementOf(insertStatement(tables, messages, null))];
    },
  };
}

const action = "enqueue";

async function insert(
  target: Target,
  messages: readonly NewMessage[],
): Promise<boolean[]> {
  const { tables, identity } = target;
  const statement = insertStatement(tables, messages, identity);
  const { rows, changes } = await runOn(target, statement);
  const chosen = messages.some(({ chosenId }) => chosenId);
  const stored = chosen ? rows.length : changes;
  if (stored === 0) await requireHome(target);
  if (chosen) {
    const ids = new Set(rows.map(({ id }) => id));
    return messages.map(({ id }) => ids.delete(id));
  }
  if (stored === messages.length) return messages.map(() => true);
  throw new StorageError(
    "STORAGE_FAILED",
    `Cannot enqueue as ${messages.length} rows must be stored: ` +
      `current value is ${stored}`,
  );
}

/** Fails with `FOREIGN_TRANSACTION` unless the outbox is in the transaction's database. */
async function requireHome(target: Target): Promise<void> {
  const { tables, identity } = target;
  const { rows } = await runOn(target, {
    sql: `SELECT 1 "home" FROM ${tables.relay} WHERE "identity" = ?`,
    args: [identity],
  });
  if (rows.length > 0) return;
  throw foreign(action, "a transaction on another outbox");
}

const BYTES_AT = MESSAGE_COLUMNS.length + 1;

/**
 * Inserts messages in order. An id that was chosen is stored once; ids that
 * are unique by construction are not looked up. Payloads are joined, as bytes
 * cannot travel in JSON. With an identity, nothing is stored in any outbox
 * but the one of that name.
 */
function insertStatement(
  { message, relay }: Tables,
  messages: readonly NewMessage[],
  identity: string | null,
): SqlStatement {
  const payloads = joined(messages.map(({ payload }) => payload));
  let start = 1;
  const rows = messages.map((one) => {
    const { byteLength } = one.payload;
    const from = start;
    start += byteLength;
    return [...messageCellsOf(one), Number(one.chosenId), from, byteLength];
  });
  const values = [...MESSAGE_COLUMNS, "chosen_id"]
    .map((_, at) => `value ->> ${at}`).join(", ");
  const home = `EXISTS (SELECT 1 FROM ${relay} WHERE "identity" = ?)`;
  const args: SqlValue[] = [payloads, JSON.stringify(rows)];
  return {
    sql: `INSERT INTO ${message}
  (${listed(MESSAGE_COLUMNS)}, "chosen_id", "done", "payload")
SELECT ${values}, 0,
  coalesce(substr(?, value ->> ${BYTES_AT}, value ->> ${BYTES_AT + 1}), x'')
FROM json_each(?) WHERE ${identity === null ? "true" : home}
ON CONFLICT ("id") WHERE chosen_id = 1 DO NOTHING${
      messages.some(({ chosenId }) => chosenId)
        ? ` RETURNING "id" || '' "id"`
        : ""
    }`,
    args: identity === null ? args : [...args, identity],
  };
}

function joined(payloads: readonly Uint8Array[]): Uint8Array {
  if (payloads.length === 1) return payloads[0] as Uint8Array;
  const length = payloads.reduce((sum, { byteLength }) => sum + byteLength, 0);
  const whole = new Uint8Array(length);
  let at = 0;
  for (const payload of payloads) {
    whole.set(payload, at);
    at += payload.byteLength;
  }
  return whole;
}
