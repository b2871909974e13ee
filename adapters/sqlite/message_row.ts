/**
 * A message as a row, and a row as a message.
 *
 * What is not a payload travels as JSON, many messages in one value: drivers
 * spend most of their time on single values. It is read as bytes, since some
 * drivers cut text at U+0000 or die of what is not UTF-8. Payloads travel
 * beside it, joined end to end.
 *
 * @module
 */

import {
  type FailureRecord,
  type Message,
  type NewMessage,
  StorageError,
} from "../../mod.ts";
import type { SqlRow } from "./driver.ts";
import { listed, MESSAGE_COLUMNS } from "./tables.ts";

/** The values of {@link MESSAGE_COLUMNS}. */
export type MessageCells = readonly [
  id: string,
  event: string,
  topic: string,
  key: string | null,
  contentType: string | null,
  headers: string | null,
  qos: 1 | 2,
  retain: number,
  onDead: number | null,
  enqueuedAtMs: number,
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
  const { contentType, headers, onDead } = message;
  return [
    message.id,
    message.event,
    message.topic,
    message.key,
    contentType === JSON_TYPE ? null : contentType,
    Object.keys(headers).length === 0 ? null : JSON.stringify(headers),
    message.qos,
    Number(message.retain),
    onDead && (onDead === "skip" ? SKIP : 0),
    message.enqueuedAtMs,
  ];
}

/**
 * The columns of a result that holds messages in one row, for
 * {@link messagesOf}; `extra` is an expression that is asked for beside each.
 */
export function messagesFrom(table: string, extra: string): string {
  const payload = `${table}."payload"`;
  return `CAST(json_group_array(json_array(${extra}, ${table}."seq", ` +
    `length(${payload}), ${
      listed(MESSAGE_COLUMNS, table)
    })) AS BLOB) "cells", ` +
    `CAST(group_concat(${payload}, '') AS BLOB) "payloads"`;
}

/** The messages of a result of {@link messagesFrom}. */
export function messagesOf<Extra>(
  row: SqlRow | undefined,
): ReadMessage<Extra>[] {
  type Cells = [extra: Extra, seq: number, bytes: number, ...MessageCells];
  const payloads = row?.["payloads"];
  const bytes = payloads instanceof Uint8Array ? payloads : new Uint8Array();
  let end = 0;
  const read = (jsonOf<Cells[]>(row?.["cells"]) ?? []).map(
    ([extra, seq, length, ...cells]) => {
      // A copy: one message in memory must not keep its whole page there.
      const payload = bytes.slice(end, end += length);
      return { message: messageOf(seq, cells, payload), extra };
    },
  );
  if (end === bytes.byteLength) return read;
  throw new StorageError(
    "STORAGE_FAILED",
    `Cannot read messages as their payloads must have ${end} bytes: ` +
      `current value is ${bytes.byteLength}`,
  );
}

/** What a cell holds as JSON in bytes; `null` for a cell that holds none. */
export function jsonOf<T>(cell: unknown): T | null {
  return cell instanceof Uint8Array
    ? JSON.parse(new TextDecoder().decode(cell))
    : null;
}

function messageOf(
  seq: number,
  cells: MessageCells,
  payload: Uint8Array,
): Message {
  const [id, event, topic, key, contentType, headers, qos, retain, ...rest] =
    cells;
  const [onDead, enqueuedAtMs] = rest;
  // Bytes in a text column come as whatever JSON they happen to encode.
  if ([id, event, topic].some((text) => typeof text !== "string")) {
    throw new StorageError(
      "STORAGE_FAILED",
      `Cannot read messages as the id, event and topic of ${seq} must be text`,
    );
  }
  return {
    seq,
    id,
    event,
    topic,
    key,
    payload,
    contentType: contentType ?? JSON_TYPE,
    headers: headers === null ? {} : JSON.parse(headers),
    qos,
    retain: retain !== 0,
    onDead: onDead === null ? null : onDead === SKIP ? "skip" : "hold",
    enqueuedAtMs,
  };
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

/** The failure record that its values tell of. */
export function failureOf(cells: FailureCells): FailureRecord {
  const [seq, key, state, holds, attempts, deaths, trial, ...rest] = cells;
  const [firstFailedAtMs, failedAtMs, delayMs, code, reason] = rest;
  return {
    seq,
    key,
    state,
    holds: holds !== 0,
    attempts,
    deaths,
    trial,
    firstFailedAtMs,
    failedAtMs,
    delayMs,
    code,
    reason,
  };
}
