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

/** Holds wherever a statement runs. */
export const ANYWHERE: SqlCondition = { where: "true", args: [] };

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
  return only !== undefined && messages.length === 1 && !only.chosenId
    ? insertOne(tables, only, home)
    : insertMany(tables, messages, home);
}

/**
 * Inserts a message, or fails where the condition does not hold; `null` for one
 * that takes more than that.
 */
export function insertOrFail(
  tables: Tables,
  message: NewMessage,
  home: SqlCondition,
): SqlStatement | null {
  if (message.chosenId || isCounted(message)) return null;
  return insertOne(tables, message, home, "");
}

/** Tells which were stored, by an expression, as libSQL dies of a damaged column. */
const ONCE = `
ON CONFLICT ("id") WHERE chosen_id = 1 DO NOTHING RETURNING "id" || '' "id"`;

const KEY_AT = MESSAGE_COLUMNS.indexOf("key");
const ID_AT = MESSAGE_COLUMNS.indexOf("id");
const CHOSEN_AT = MESSAGE_COLUMNS.length;
const COUNTED_AT = MESSAGE_COLUMNS.indexOf("position");
const FLAGS = ["qos", "retain", "on_dead"];

/**
 * One message, value by value: to take JSON apart would cost more. Preparing it
 * is what takes the time, so what is NULL is left out, and what has two values
 * is written. Away from home `done` has none, and the row is ignored; so would
 * be what breaks a constraint of somebody else, which nobody sees in a batch,
 * nor where an id was chosen.
 */
function insertOne(
  { message, position }: Tables,
  one: NewMessage,
  home: SqlCondition,
  orElse = " OR IGNORE",
): SqlStatement {
  let columns = "";
  let values = "";
  const args: SqlValue[] = [];
  messageCellsOf(one).forEach((cell, at) => {
    const column = MESSAGE_COLUMNS[at];
    if (cell === null || column === undefined) return;
    columns += `"${column}", `;
    if (FLAGS.includes(column)) {
      values += `${cell}, `;
      return;
    }
    const isCount = at === COUNTED_AT;
    values += isCount ? `${lastOf(position, "?")}, ` : "?, ";
    args.push(
      isCount ? one.key : typeof cell === "number" ? integer(cell) : cell,
    );
  });
  const [ignoring, done] = home === ANYWHERE
    ? ["", "0"]
    : [orElse, `CASE WHEN ${home.where} THEN 0 END`];
  return {
    sql: `INSERT${ignoring} INTO ${message}
  (${columns}"chosen_id", "payload", "done")
VALUES (${values}0, ?, ${done})`,
    args: [...args, one.payload, ...home.args],
  };
}

/** Many messages in two values. Payloads are joined, as bytes cannot travel in JSON. */
function insertMany(
  tables: Tables,
  messages: readonly NewMessage[],
  home: SqlCondition,
): SqlStatement {
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
  const once = messages.some(({ chosenId }) => chosenId) ? ONCE : "";
  return {
    sql: `INSERT INTO ${tables.message}
  (${listed(MESSAGE_COLUMNS)}, "chosen_id", "payload", "done")
SELECT ${values.join(", ")}, coalesce(substr(?, ${bytes}), x''), 0
FROM ${counts ? placed(tables) : "json_each(?)"}
WHERE ${home.where}${counts ? ` ORDER BY "at"` : ""}${once}`,
    args: [payloads, JSON.stringify(rows), ...home.args],
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
