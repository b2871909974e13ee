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
  LetterRef,
  NewLetter,
} from "../../mod.ts";
import { bytesOf, jsonOf, latin1Of } from "./cells.ts";
import {
  integer,
  type SqlRow,
  type SqlStatement,
  type Steps,
} from "./driver.ts";
import { type Home, requireHome } from "./home.ts";
import type { Tables } from "./tables.ts";

/** What is done here, as a verb phrase. */
export const SETTING_ASIDE = "set a message aside";

/** Stores a letter; false when the consumer has `limit` already. */
export function* put(
  home: Home,
  letter: NewLetter,
  limit: number,
): Steps<boolean> {
  yield* requireHome(SETTING_ASIDE, home);
  const { changes } = yield [putStatement(home.tables, letter, limit)];
  return changes > 0;
}

/** Removes a letter; false when it is not there. */
export function* remove(
  home: Home,
  { consumer, number }: LetterRef,
): Steps<boolean> {
  yield* requireHome(SETTING_ASIDE, home);
  const { changes } = yield [{
    sql:
      `DELETE FROM ${home.tables.letter} WHERE "number" = ? AND "consumer" = ?`,
    args: [integer(number), consumer],
  }];
  return changes > 0;
}

/** Lists letters, by ascending number. */
export function* list(
  home: Home,
  { consumer, after, limit }: Parameters<LetterBox<never>["list"]>[1],
): Steps<readonly Letter[]> {
  yield* requireHome(SETTING_ASIDE, home);
  const { rows } = yield [{
    sql: `SELECT "number", CAST("content" AS BLOB) "content", "payload"
FROM ${home.tables.letter} WHERE "consumer" = ? AND "number" > ?
ORDER BY "number" LIMIT ?`,
    args: [consumer, integer(after), integer(limit)],
  }];
  return rows.map((row) => letterOf(consumer, row));
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
