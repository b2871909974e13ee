/**
 * The letter box contract: where a consumer keeps what it could not handle.
 *
 * Everything runs in the consumer's own transaction, beside its inbox.
 *
 * @module
 */

import type { Delivery } from "./subscriber.ts";

/** A received message that is set aside, with all that came off the wire. */
export interface NewLetter extends Omit<Delivery, "acknowledge"> {
  /** The name of the consumer. */
  readonly consumer: string;
  /** The message's id, or `null` for what is no event. */
  readonly id: string | null;
  /** The producer, or `null` for what is no event. */
  readonly source: string | null;
  /** The name of the event definition, or `null` for what is no event. */
  readonly event: string | null;
  /** A stable, short code: `UNDECODABLE`, `HANDLER_FAILED`. */
  readonly code: string;
  /** Why, at most 256 characters. */
  readonly reason: string;
  /** How often it was tried. */
  readonly attempts: number;
  /** Wall-clock time, in ms since the epoch. */
  readonly setAsideAtMs: number;
}

/** A letter as it is listed. */
export interface Letter extends NewLetter {
  /** Its number; no two letters that are there have the same. */
  readonly number: number;
}

/** Which letter is meant. */
export interface LetterRef {
  /** The name of the consumer. */
  readonly consumer: string;
  /** The letter's number. */
  readonly number: number;
}

/** Keeps letters, through the consumer's own transaction. */
export interface LetterBox<Tx> {
  /**
   * Stores a letter.
   *
   * **Promises** that it commits or rolls back with `tx`; false, and nothing
   * stored, when the consumer has `limit` letters already.
   * **May fail with** what {@link InboxWriter.record} fails with.
   * **Must not** commit, roll back, or touch any other consumer's letters.
   */
  put(tx: Tx, letter: NewLetter, limit: number): Promise<boolean>;

  /**
   * Removes a letter; false when it is not there.
   *
   * **Promises**, **may fail** and **must not** like {@link put}.
   */
  remove(tx: Tx, letter: LetterRef): Promise<boolean>;

  /**
   * Lists the letters of a consumer, by ascending number.
   *
   * **Promises** at most `limit`, numbered above `after`, byte for byte as
   * they were stored.
   * **May fail with** what {@link put} fails with.
   * **Must not** write.
   */
  list(tx: Tx, request: {
    readonly consumer: string;
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly Letter[]>;
}

/** A storage adapter with a letter box. */
export interface LetterStorage<Tx> {
  /** Keeps what could not be handled. */
  readonly letters: LetterBox<Tx>;
}
