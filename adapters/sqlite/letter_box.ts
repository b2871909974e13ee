/**
 * The letter box: received messages that could not be handled, through the
 * consumer's own transaction. What strangers wrote travels as JSON: text that
 * SQLite would cut or refuse comes back as it was.
 *
 * @module
 */

import type {
  DeliveryProperties,
  Letter,
  LetterBox,
  NewLetter,
} from "../../mod.ts";
import { bytesOf, jsonOf, latin1Of } from "./cells.ts";
import { integer, type SqlRow, type SqlStatement } from "./driver.ts";
import type { InboxHome } from "./inbox.ts";
import type { Tables } from "./tables.ts";
import { type Enter, entered, foreign, runOn } from "./transaction.ts";

const action = "set a message aside";

/** Creates the letter box of a database. */
export function sqliteLetterBox<Tx>(
  enter: Enter<Tx>,
  { tables, identity }: InboxHome,
): LetterBox<Tx> {
  const open = async (tx: Tx) => {
    const run = entered(enter, tx, action);
    const statement = homeStatement(tables, await identity());
    const { rows } = await runOn({ action, run }, statement);
    if (rows.length > 0) return { action, run };
    throw foreign(action, "a transaction on another outbox");
  };
  return {
    async put(tx, letter, limit) {
      const target = await open(tx);
      const { changes } = await runOn(
        target,
        putStatement(tables, letter, limit),
      );
      return changes > 0;
    },
    async remove(tx, { consumer, number }) {
      const target = await open(tx);
      const { changes } = await runOn(target, {
        sql:
          `DELETE FROM ${tables.letter} WHERE "number" = ? AND "consumer" = ?`,
        args: [integer(number), consumer],
      });
      return changes > 0;
    },
    async list(tx, { consumer, after, limit }) {
      const target = await open(tx);
      const { rows } = await runOn(target, {
        sql: `SELECT "number", CAST("content" AS BLOB) "content", "payload"
FROM ${tables.letter} WHERE "consumer" = ? AND "number" > ?
ORDER BY "number" LIMIT ?`,
        args: [consumer, integer(after), integer(limit)],
      });
      return rows.map((row) => letterOf(consumer, row));
    },
  };
}

function homeStatement({ relay }: Tables, identity: string): SqlStatement {
  return {
    sql: `SELECT 1 "home" FROM ${relay} WHERE "identity" = ?`,
    args: [identity],
  };
}

function putStatement(
  { letter: table }: Tables,
  { payload, consumer, ...content }: NewLetter,
  limit: number,
): SqlStatement {
  return {
    sql: `INSERT INTO ${table} ("consumer", "content", "payload")
SELECT ?, ?, ? WHERE (SELECT count(*) FROM ${table} WHERE "consumer" = ?) < ?`,
    args: [
      consumer,
      JSON.stringify(storable(content)),
      payload,
      consumer,
      integer(limit),
    ],
  };
}

type Content = Omit<NewLetter, "payload" | "consumer">;

/** A letter that somebody else damaged keeps its bytes. */
const LOST: Content = {
  topic: "",
  id: null,
  source: null,
  event: null,
  code: "DAMAGED",
  reason: "Somebody else damaged the letter",
  attempts: 0,
  setAsideAtMs: 0,
};

function letterOf(consumer: string, row: SqlRow): Letter {
  const { number, content, payload } = row;
  return {
    ...LOST,
    ...contentOf(content),
    number: Number(number),
    consumer,
    payload: payload instanceof Uint8Array ? payload : new Uint8Array(),
  };
}

/** JSON knows no bytes: they are written as text, one character each. */
interface Stored extends Omit<Content, "properties"> {
  readonly properties?: Omit<DeliveryProperties, "correlationData"> & {
    readonly correlationData?: string;
  };
}

function storable({ properties, ...content }: Content): Stored {
  if (properties === undefined) return content;
  const { correlationData, ...others } = properties;
  return {
    ...content,
    properties: correlationData === undefined
      ? others
      : { ...others, correlationData: latin1Of(correlationData) },
  };
}

function contentOf(cell: unknown): Content {
  try {
    const stored = jsonOf<Stored>(cell);
    return stored === null ? LOST : restored(stored);
  } catch {
    return LOST;
  }
}

function restored({ properties, ...content }: Stored): Content {
  if (properties === undefined) return content;
  const { correlationData, ...others } = properties;
  return {
    ...content,
    properties: typeof correlationData === "string"
      ? { ...others, correlationData: bytesOf(correlationData) }
      : others,
  };
}
