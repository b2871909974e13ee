/**
 * The questions that a memory store asks its database.
 *
 * @module
 */

import type {
  DeadLetter,
  DeadLetterFilter,
  FailureRecord,
  Message,
  Page,
} from "../../mod.ts";
import { copyOf, type MemoryDatabase } from "./memory_database.ts";

/** Which rows to look at, and how much to take. */
export interface Scan {
  /** Look beyond this sequence. */
  readonly after: number;
  /** Look up to and including this sequence. */
  readonly upTo: number;
  /** Look at no more rows than this. */
  readonly rows: number;
  /** Take at most so many messages. */
  readonly limit: number;
  /** Take at most so many bytes of payload, but always at least one message. */
  readonly maxBytes: number;
}

/** Takes the messages that match, in order, as far as the scan allows. */
export function page(
  db: MemoryDatabase,
  { after, upTo, rows, limit, maxBytes }: Scan,
  matches: (message: Message) => boolean,
): Page {
  const messages: Message[] = [];
  let scannedTo = after;
  let scanned = 0;
  let bytes = 0;
  for (const message of db.messages.values()) {
    if (message.seq <= after) continue;
    if (message.seq > upTo) break;
    const full = { messages, scannedTo, end: false };
    if (scanned === rows) return full;
    if (matches(message)) {
      bytes += message.payload.byteLength;
      if (messages.length === limit) return full;
      if (messages.length > 0 && bytes > maxBytes) return full;
      messages.push(copyOf(message));
    }
    scannedTo = message.seq;
    scanned++;
  }
  return { messages, scannedTo, end: true };
}

/** The failure records by ascending sequence. */
export function failuresBySeq(db: MemoryDatabase): FailureRecord[] {
  return [...db.failures.values()].sort((one, other) => one.seq - other.seq);
}

/** The dead letters that match, by ascending sequence. */
export function deadLetters(
  db: MemoryDatabase,
  { id, key, topic }: DeadLetterFilter,
): DeadLetter[] {
  return failuresBySeq(db)
    .filter(({ state }) => state === "dead")
    .map((failure) => ({ failure, message: db.messages.get(failure.seq) }))
    .filter((letter): letter is DeadLetter =>
      letter.message !== undefined &&
      (id === undefined || letter.message.id === id) &&
      (key === undefined || letter.message.key === key) &&
      (topic === undefined || letter.message.topic === topic)
    );
}
