/**
 * A message as a row, and a row as a message.
 *
 * What is not a payload travels as JSON, many messages in one value: drivers
 * spend most of their time on single values. It is read as bytes, since some
 * drivers cut text at U+0000 or die of what is not UTF-8; correlation data is
 * stored as base64. Payloads travel beside it, joined end to end. A row that
 * somebody else has damaged is read as far as it goes, and its message says so:
 * it must not block the others.
 *
 * @module
 */

import {
  type FailureRecord,
  type Message,
  type NewMessage,
  StorageError,
} from "../../mod.ts";
import {
  amountOf,
  bytesOf,
  type Cell,
  guarded,
  instantOf,
  jsonOf,
  latin1Of,
  shownOf,
} from "./cells.ts";
import type { SqlRow } from "./driver.ts";
import { isCounted, positionOf } from "./positions.ts";
import { FAILURE_COLUMNS, MESSAGE_COLUMNS } from "./tables.ts";

/** The values of {@link MESSAGE_COLUMNS}; for its position, whether it has one. */
export type MessageCells = readonly [
  id: string,
  event: string,
  topic: string,
  key: string | null,
  contentType: string | null,
  headers: string | null,
  responseTopic: string | null,
  correlationData: string | null,
  qos: 1 | 2,
  retain: number,
  onDead: number | null,
  enqueuedAtMs: number,
  ttlMs: number | null,
  counted: 1 | null,
];

/** The values of {@link FAILURE_COLUMNS}. */
export type FailureCells = readonly [
  seq: number,
  key: string | null,
  state: "retry" | "dead",
  holds: number,
  attempts: number,
  deaths: number,
  trial: string | null,
  firstFailedAtMs: number,
  failedAtMs: number,
  delayMs: number,
  code: string,
  reason: string,
];

/** A message that was read, and the value that came with it. */
export interface ReadMessage<Extra> {
  /** The message. */
  readonly message: Message;
  /** What was asked for beside it. */
  readonly extra: Extra;
}

const JSON_TYPE = "application/json";
const SKIP = 1;

/** A message's values; what is usual is stored as NULL. */
export function messageCellsOf(message: NewMessage): MessageCells {
  const { contentType, headers, correlationData, onDead } = message;
  return [
    message.id,
    message.event,
    message.topic,
    message.key,
    contentType === JSON_TYPE ? null : contentType,
    Object.keys(headers).length === 0 ? null : JSON.stringify(headers),
    message.responseTopic,
    correlationData && btoa(latin1Of(correlationData)),
    message.qos,
    Number(message.retain),
    onDead && (onDead === "skip" ? SKIP : 0),
    message.enqueuedAtMs,
    message.ttlMs,
    isCounted(message) ? 1 : null,
  ];
}

/**
 * The columns of a result that holds messages in one row, for
 * {@link messagesOf}; `extra` is an expression that is asked for beside each.
 */
export function messagesFrom(table: string, extra: string): string {
  const payload = `${table}."payload"`;
  return `CAST(json_group_array(json_array(${extra}, ${table}."seq",
  CASE typeof(${payload}) WHEN 'blob' THEN 1 ELSE -1 END *
    octet_length(${payload}), ${guarded(["done"], table)},
  ${guarded(MESSAGE_COLUMNS, table)})) AS BLOB) "cells",
  CAST(group_concat(${payload}, '') AS BLOB) "payloads"`;
}

/** The messages of a result of {@link messagesFrom}. */
export function messagesOf<Extra>(
  row: SqlRow | undefined,
): ReadMessage<Extra>[] {
  type Read = [extra: Extra, seq: number, bytes: number | null, ...Cell[]];
  const payloads = row?.["payloads"];
  const bytes = payloads instanceof Uint8Array ? payloads : new Uint8Array();
  let end = 0;
  const read = (jsonOf<Read[]>(row?.["cells"]) ?? []).map(
    ([extra, seq, length, done, ...cells]) => {
      // A copy: one message in memory must not keep its whole page there.
      const payload = bytes.slice(end, end += Math.abs(length ?? 0));
      const faults = faultsOf(cells);
      // Below zero it is the length of what is no blob.
      if (length === null || length < 0) faults.push("payload");
      if (done !== 0 && done !== 1) faults.push("done");
      return { message: messageOf(seq, cells, payload, faults), extra };
    },
  );
  if (end === bytes.byteLength) return read;
  throw new StorageError(
    "STORAGE_FAILED",
    `Cannot read messages as their payloads must have ${end} bytes: ` +
      `current value is ${bytes.byteLength}`,
  );
}

const isText = (cell: Cell) => typeof cell === "string";
const isTextOrNone = (cell: Cell) => cell === null || isText(cell);
const isTtl = (cell: Cell | undefined): cell is number =>
  typeof cell === "number" && Number.isSafeInteger(cell) && cell > 0;

/** What each of {@link MESSAGE_COLUMNS} may hold. */
const FITS: readonly ((cell: Cell) => boolean)[] = [
  isText,
  isText,
  isText,
  isTextOrNone,
  isTextOrNone,
  (headers) => headersOf(headers) !== null,
  isTextOrNone,
  (correlation) => correlation === null || base64Of(correlation) !== null,
  (qos) => qos === 1 || qos === 2,
  (retain) => retain === 0 || retain === 1,
  (onDead) => onDead === null || onDead === 0 || onDead === SKIP,
  (enqueuedAtMs) => typeof enqueuedAtMs === "number",
  (ttlMs) => ttlMs === null || isTtl(ttlMs),
  (position) => position === null || positionOf(position) !== null,
];

/** The columns that hold what Mailboat would not have written. */
function faultsOf(cells: readonly Cell[]): string[] {
  return MESSAGE_COLUMNS.filter((_, at) => !FITS[at]?.(cells[at] ?? null));
}

function messageOf(
  seq: number,
  cells: readonly Cell[],
  payload: Uint8Array,
  faults: readonly string[],
): Message {
  const [id, event, topic, key, contentType, headers, ...rest] = cells;
  const [responseTopic, correlation, qos, retain, onDead, ...others] = rest;
  const [enqueuedAtMs, ttlMs, position] = others;
  const message: Message = {
    seq,
    id: shownOf(id),
    event: shownOf(event),
    topic: shownOf(topic),
    // Whoever knows only a part of a key does not know the lane.
    key: typeof key === "string" ? key : null,
    payload,
    contentType: contentType === null ? JSON_TYPE : shownOf(contentType),
    headers: headersOf(headers ?? null) ?? NO_HEADERS,
    responseTopic: responseTopic === null ? null : shownOf(responseTopic),
    correlationData: base64Of(correlation ?? null),
    qos: qos === 2 ? 2 : 1,
    retain: retain === 1,
    onDead: onDead === SKIP ? "skip" : onDead === 0 ? "hold" : null,
    enqueuedAtMs: instantOf(enqueuedAtMs),
    ttlMs: isTtl(ttlMs) ? ttlMs : null,
    position: positionOf(position),
  };
  if (faults.length === 0) return message;
  const damage = `Its row was damaged by somebody else: ${faults.join(", ")}`;
  return { ...message, damage };
}

/** The bytes that a text stands for; `null` for what nobody here has written. */
function base64Of(cell: Cell): Uint8Array | null {
  if (typeof cell !== "string") return null;
  try {
    const latin1 = atob(cell);
    // To read it, blanks and the like do not matter.
    return btoa(latin1) === cell ? bytesOf(latin1) : null;
  } catch {
    return null;
  }
}

/** What most messages have; shared, as a map without a prototype is slow to make. */
const NO_HEADERS: Readonly<Record<string, string>> = Object.freeze(
  Object.create(null),
);

/** A map without a prototype; `null` for what is none of texts. */
function headersOf(cell: Cell): Readonly<Record<string, string>> | null {
  if (cell === null) return NO_HEADERS;
  const headers: Record<string, string> = Object.create(null);
  try {
    const entries: [string, unknown][] = Object.entries(
      JSON.parse(cell as string),
    );
    for (const [name, value] of entries) {
      if (typeof value !== "string") return null;
      headers[name] = value;
    }
    return headers;
  } catch {
    return null;
  }
}

/** A failure record's values. */
export function failureCellsOf(failure: FailureRecord): FailureCells {
  return [
    failure.seq,
    failure.key,
    failure.state,
    Number(failure.holds),
    failure.attempts,
    failure.deaths,
    failure.trial,
    failure.firstFailedAtMs,
    failure.failedAtMs,
    failure.delayMs,
    failure.code,
    failure.reason,
  ];
}

/** The values of a failure record as JSON. */
export function failureFrom(table?: string): string {
  return `json_array(${guarded(FAILURE_COLUMNS, table)})`;
}

/**
 * The failure record that values of {@link failureFrom} tell of. What is not
 * to be tried again is dead, whatever it says; without its key nobody knows
 * which lane waits, and no lane may go on.
 */
export function failureOf(cells: readonly Cell[]): FailureRecord {
  const [seq, key = null, state, holds, attempts, deaths, trial, ...rest] =
    cells;
  const [firstFailedAtMs, failedAtMs, delayMs, code, reason] = rest;
  if (key !== null && typeof key !== "string") {
    throw new StorageError(
      "STORAGE_FAILED",
      `Cannot read the failure record of ${seq} as its key must be text: ` +
        `somebody else damaged it`,
    );
  }
  return {
    seq: Number(seq),
    key,
    state: state === "retry" ? "retry" : "dead",
    holds: holds !== 0,
    attempts: amountOf(attempts),
    deaths: amountOf(deaths),
    trial: trial === null ? null : shownOf(trial),
    firstFailedAtMs: instantOf(firstFailedAtMs),
    failedAtMs: instantOf(failedAtMs),
    delayMs: amountOf(delayMs),
    code: shownOf(code),
    reason: shownOf(reason),
  };
}
