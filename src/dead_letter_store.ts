/**
 * The dead letter contract: what a database adapter promises to operators.
 *
 * @module
 */

import type { Message } from "./message.ts";
import type { FailureRecord } from "./failure_record.ts";

/** A dead message with its reason. */
export interface DeadLetter {
  /** The message. */
  readonly message: Message;
  /** Why it is dead. */
  readonly failure: FailureRecord;
}

/** A message that was not sent in time. */
export interface ExpiredMessage {
  /** The message. */
  readonly message: Message;
  /** Its place among all that ever expired in this outbox: 1, 2, 3 … */
  readonly place: number;
  /** Wall-clock time of the settlement, in ms since the epoch. */
  readonly expiredAtMs: number;
}

/** Which dead letters are meant; every given field must match. */
export interface DeadLetterFilter {
  /** The message's id. */
  readonly id?: string;
  /** The message's key. */
  readonly key?: string;
  /** The message's topic. */
  readonly topic?: string;
}

/** What an operator needs. */
export interface DeadLetterStore {
  /**
   * Lists dead letters, by ascending sequence.
   *
   * **Promises** those above `after` that match, up to `limit`.
   * **May fail with** a {@link StorageError}.
   * **Must not** write.
   */
  listDead(request: {
    readonly filter: DeadLetterFilter;
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly DeadLetter[]>;

  /**
   * Lists expired messages, by descending place.
   *
   * **Promises** those before the place `before` that are still kept, up to
   * `limit`.
   * **May fail with** a {@link StorageError}.
   * **Must not** write.
   */
  listExpired(request: {
    readonly before: number;
    readonly limit: number;
  }): Promise<readonly ExpiredMessage[]>;

  /**
   * Makes dead letters live again, in their old place, with no attempt spent:
   * their record becomes `retry` with zero attempts and no delay.
   *
   * **Promises** to raise the revision when anything changed, and to say how many did.
   * **May fail with** a {@link StorageError}; then nothing changed.
   * **Must not** touch a message that is not dead.
   */
  retryDead(filter: DeadLetterFilter): Promise<{ readonly changed: number }>;

  /**
   * Removes dead letters for good.
   *
   * **Promises**, **may fail** and **must not** like {@link retryDead}.
   */
  discardDead(
    filter: DeadLetterFilter,
  ): Promise<{ readonly changed: number }>;
}
