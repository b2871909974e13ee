/**
 * The inbox contract: what a database adapter promises to those who consume.
 *
 * It runs inside the consumer's own transaction. The core decides what is
 * written; an adapter reads, writes and removes what it is told.
 *
 * @module
 */

/** How far a consumer has come in the messages of one key. */
export interface LaneProgress {
  /** The position within the key, from 1 on; `null` when not told. */
  readonly position: number | null;
  /** The position in the producer's commit order; `null` when not told. */
  readonly seq: number | null;
}

/** What {@link InboxWriter.look} looks for. */
export interface LookRequest {
  /** Who consumes. */
  readonly consumer: string;
  /** The producer of the message. */
  readonly source: string;
  /** The message's id, unique together with `source`. */
  readonly id: string;
  /** The message's key; `null` asks for no progress. */
  readonly key: string | null;
}

/** What is known of a message. Another consumer's records are never counted. */
export interface Sighting {
  /** Whether this consumer accepted it. */
  readonly recorded: boolean;
  /** The number of the consumer's newest record; 0 before the first. */
  readonly newest: number;
  /** How far the consumer has come in the key; `null` when nothing is known. */
  readonly progress: LaneProgress | null;
  /** The number of the consumer's newest key; 0 before the first. */
  readonly newestLane: number;
}

/** Which records go: of the oldest `limit`, those that one of the rules names. */
export interface Expiry {
  /** Every record with this number or a lower one. */
  readonly upTo: number;
  /** With this number or a lower one, those that are old. */
  readonly oldUpTo: number;
  /** Old is what was accepted before this instant, in ms since the epoch. */
  readonly beforeMs: number;
  /** How many of the oldest records are looked at. */
  readonly limit: number;
}

/** What {@link InboxWriter.record} writes. */
export interface RecordRequest {
  /** Who consumes. */
  readonly consumer: string;
  /** The producer of the message. */
  readonly source: string;
  /** The message's id, unique together with `source`. */
  readonly id: string;
  /** Wall-clock time of the acceptance, in ms since the epoch. */
  readonly acceptedAtMs: number;
  /** How far the consumer has come with this message; `null` changes nothing. */
  readonly lane:
    | { readonly key: string; readonly progress: LaneProgress }
    | null;
  /** The records to remove; `null` for none. */
  readonly expire: Expiry | null;
  /** Of the oldest `limit` keys, those with a number of at most `upTo`; `null` for none. */
  readonly forgetLanes:
    | { readonly upTo: number; readonly limit: number }
    | null;
}

/** Records messages through the consumer's own transaction. */
export interface InboxWriter<Tx> {
  /**
   * Finds what is known of a message, through the caller's transaction.
   *
   * **Promises** an answer that counts what the transaction itself wrote.
   * **May fail with** `NOT_A_TRANSACTION`, `TRANSACTION_FINISHED`,
   * `FOREIGN_TRANSACTION`, or a {@link StorageError}.
   * **Must not** write, or take a write lock.
   */
  look(tx: Tx, request: LookRequest): Promise<Sighting>;

  /**
   * Records a message, through the caller's transaction. Records and keys are
   * numbered upwards for each consumer.
   *
   * **Promises** that what it writes commits or rolls back with `tx`, that the
   * record itself is written last, and to tell whether it was written
   * (`false`: it is there already).
   * **May fail with** what {@link InboxWriter.look} fails with; then there is
   * no record, even if the caller goes on and commits.
   * **Must not** commit, roll back, or touch any other consumer's data.
   */
  record(tx: Tx, request: RecordRequest): Promise<boolean>;
}

/** The inbox of a synchronous driver: it has happened when it returns. */
export interface SyncInboxWriter<Tx> {
  /**
   * Finds what is known of a message, through the caller's transaction.
   *
   * **Promises** what {@link InboxWriter.look} promises, before it returns.
   * **May fail with** the same errors, thrown.
   * **Must not** return a promise.
   */
  lookSync(tx: Tx, request: LookRequest): Sighting;

  /**
   * Records a message, through the caller's transaction.
   *
   * **Promises** what {@link InboxWriter.record} promises, before it returns.
   * **May fail with** the same errors, thrown.
   * **Must not** return a promise.
   */
  recordSync(tx: Tx, request: RecordRequest): boolean;
}

/** A storage adapter with an inbox, over an asynchronous driver. */
export interface InboxStorage<Tx> {
  /** Records messages through the consumer's transaction. */
  readonly inbox: InboxWriter<Tx>;
}

/** A storage adapter with an inbox, over a synchronous driver. */
export interface SyncInboxStorage<Tx> {
  /** Records messages through the consumer's transaction. */
  readonly inbox: SyncInboxWriter<Tx>;
}
