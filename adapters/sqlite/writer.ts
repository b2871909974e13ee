/**
 * The writer: messages stored through the user's own transaction.
 *
 * Any number of messages is one statement, so that all or none are stored even
 * if the user catches its error and commits.
 *
 * @module
 */

import { type NewMessage, StorageError, type Writer } from "../../mod.ts";
import { integer, type SqlStatement, type SqlValue } from "./driver.ts";
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

/**
 * Inserts messages in order. An id that was chosen is stored once; ids that
 * are unique by construction are not looked up. With an identity, nothing is
 * stored in any outbox but the one of that name.
 */
function insertStatement(
  { message, relay }: Tables,
  messages: readonly NewMessage[],
  identity: string | null,
): SqlStatement {
  const [only] = messages;
  const { values, from, args } = only !== undefined && messages.length === 1
    ? boundRow(only)
    : joinedRows(messages);
  const home = `EXISTS (SELECT 1 FROM ${relay} WHERE "identity" = ?)`;
  return {
    sql: `INSERT INTO ${message}
  (${listed(MESSAGE_COLUMNS)}, "chosen_id", "payload", "done")
SELECT ${values}, 0 ${from} WHERE ${identity === null ? "true" : home}${
      messages.some(({ chosenId }) => chosenId)
        ? `
ON CONFLICT ("id") WHERE chosen_id = 1 DO NOTHING RETURNING "id" || '' "id"`
        : ""
    }`,
    args: identity === null ? args : [...args, identity],
  };
}

/** Where the rows of an insert come from. */
interface Source {
  /** The values of a row, as expressions. */
  readonly values: string;
  /** What has the rows; empty where there is one. */
  readonly from: string;
  /** One value for each parameter. */
  readonly args: SqlValue[];
}

const ROW_COLUMNS = [...MESSAGE_COLUMNS, "chosen_id"];
const BOUND_VALUES = [...ROW_COLUMNS, "payload"].map(() => "?").join(", ");
const BYTES_AT = ROW_COLUMNS.length;
const JOINED_VALUES = ROW_COLUMNS.map((_, at) => `value ->> ${at}`).join(", ") +
  `, coalesce(substr(?, value ->> ${BYTES_AT}, value ->> ${BYTES_AT + 1}), x'')`;

/** One message, value by value: to take JSON apart would cost more. */
function boundRow(one: NewMessage): Source {
  const cells = [...messageCellsOf(one), Number(one.chosenId)]
    .map((cell) => typeof cell === "number" ? integer(cell) : cell);
  return { values: BOUND_VALUES, from: "", args: [...cells, one.payload] };
}

/** Many messages in two values. Payloads are joined, as bytes cannot travel in JSON. */
function joinedRows(messages: readonly NewMessage[]): Source {
  let start = 1;
  const rows = messages.map((one) => {
    const { byteLength } = one.payload;
    const from = start;
    start += byteLength;
    return [...messageCellsOf(one), Number(one.chosenId), from, byteLength];
  });
  const payloads = joined(messages.map(({ payload }) => payload), start - 1);
  return {
    values: JOINED_VALUES,
    from: "FROM json_each(?)",
    args: [payloads, JSON.stringify(rows)],
  };
}

function joined(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.byteLength;
  }
  return whole;
}
