/**
 * The insert: any number of messages in one statement.
 *
 * @module
 */

import type { NewMessage } from "../../mod.ts";
import {
  integer,
  type SqlCondition,
  type SqlStatement,
  type SqlValue,
} from "./driver.ts";
import { messageCellsOf } from "./message_row.ts";
import { isCounted, isThere } from "./positions.ts";
import { listed, MESSAGE_COLUMNS, type Tables } from "./tables.ts";

/**
 * Inserts messages in order, where the condition holds. An id that was chosen
 * is stored once; ids that are unique by construction are not looked up. What
 * has a position was counted by the statement before.
 */
export function insertStatement(
  tables: Tables,
  messages: readonly NewMessage[],
  home: SqlCondition,
): SqlStatement {
  const [only] = messages;
  const { values, from, order, args } =
    only !== undefined && messages.length === 1
      ? boundRow(tables, only)
      : joinedRows(tables, messages);
  const chosen = messages.some(({ chosenId }) => chosenId);
  return {
    sql: `INSERT INTO ${tables.message}
  (${listed(MESSAGE_COLUMNS)}, "chosen_id", "payload", "done")
SELECT ${values}, 0 ${from} WHERE ${home.where} ${order}${chosen ? ONCE : ""}`,
    args: [...args, ...home.args],
  };
}

const ONCE = `
ON CONFLICT ("id") WHERE chosen_id = 1 DO NOTHING RETURNING "id" || '' "id"`;

/** Where the rows of an insert come from. */
interface Source {
  /** The values of a row, as expressions. */
  readonly values: string;
  /** What has the rows; empty where there is one. */
  readonly from: string;
  /** Their order, where it is not as they come. */
  readonly order: string;
  /** One value for each parameter. */
  readonly args: readonly SqlValue[];
}

const KEY_AT = MESSAGE_COLUMNS.indexOf("key");
const ID_AT = MESSAGE_COLUMNS.indexOf("id");
const CHOSEN_AT = MESSAGE_COLUMNS.length;
const COUNTED_AT = MESSAGE_COLUMNS.indexOf("position");

/** One message, value by value: to take JSON apart would cost more. */
function boundRow({ position }: Tables, one: NewMessage): Source {
  const cells = messageCellsOf(one)
    .map((cell) => typeof cell === "number" ? integer(cell) : cell);
  const values = cells.map(() => "?");
  if (isCounted(one)) {
    cells[COUNTED_AT] = one.key;
    values[COUNTED_AT] = lastOf(position, "?");
  }
  return {
    values: `${values.join(", ")}, ?, ?`,
    from: "",
    order: "",
    args: [...cells, integer(Number(one.chosenId)), one.payload],
  };
}

/** Many messages in two values. Payloads are joined, as bytes cannot travel in JSON. */
function joinedRows(tables: Tables, messages: readonly NewMessage[]): Source {
  let start = 1;
  const rows = messages.map((one) => {
    const { byteLength } = one.payload;
    const from = start;
    start += byteLength;
    const chosenId = Number(one.chosenId);
    return [...messageCellsOf(one), chosenId, from, byteLength];
  });
  const payloads = joined(messages.map(({ payload }) => payload), start - 1);
  const values = [...MESSAGE_COLUMNS, "chosen_id"].map((_, at) => cell(at));
  const counts = messages.some(isCounted);
  if (counts) {
    const last = lastOf(tables.position, cell(KEY_AT));
    values[COUNTED_AT] = `CASE ${cell(COUNTED_AT)} WHEN 1 THEN
  ${last} - "later" END`;
  }
  const bytes = `${cell(values.length)}, ${cell(values.length + 1)}`;
  return {
    values: `${values.join(", ")}, coalesce(substr(?, ${bytes}), x'')`,
    from: `FROM ${counts ? placed(tables) : "json_each(?)"}`,
    order: counts ? `ORDER BY "at"` : "",
    args: [payloads, JSON.stringify(rows)],
  };
}

function cell(at: number): string {
  return `value ->> ${at}`;
}

/** The rows that are stored, and how many come later that are counted with them. */
function placed(tables: Tables): string {
  const lane = `${cell(KEY_AT)}, ${cell(COUNTED_AT)}`;
  return `(
  SELECT value, "key" "at",
    row_number() OVER (PARTITION BY ${lane} ORDER BY "key" DESC) - 1 "later"
  FROM json_each(?) WHERE NOT (${cell(CHOSEN_AT)} AND ${
    isThere(tables, cell(ID_AT))
  })
)`;
}

/** The last position of a key. */
function lastOf(position: string, key: string): string {
  return `(SELECT p."position" FROM ${position} p WHERE p."key" = ${key})`;
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
