/**
 * The store contract: what a database adapter promises to the relay.
 *
 * @module
 */

import type { DeadLetterStore } from "./dead_letter_store.ts";
import type { FailureRecord } from "./failure_record.ts";
import type { Message } from "./message.ts";

/** Who may move the messages, as the database says. */
export interface LeaseRecord {
  /** The fencing number; raised at every acquisition by another owner. */
  readonly epoch: number;
  /** The relay that holds it, or `null` after a clean release. */
  readonly owner: string | null;
  /** Raised at every renewal: a change proves that the owner is alive. */
  readonly beat: number;
  /** For how long after a renewal the owner may act, in ms. */
  readonly leaseMs: number;
  /** Wall-clock time of the last renewal, in ms since the epoch. */
  readonly renewedAtMs: number;
  /**
   * How many owners in a row, the present one included, have not shown that
   * they outlive what they send.
   */
  readonly unproven: number;
}

/** A right to settle, valid while the database still shows its epoch and owner. */
export interface Lease {
  /** The fencing number. */
  readonly epoch: number;
  /** The relay that holds it. */
  readonly owner: string;
}

/** What a glance at the outbox shows, at a cost that no backlog changes. */
export interface Survey {
  /** The lease. */
  readonly lease: LeaseRecord;
  /** Raised whenever an operator changes a dead letter. */
  readonly revision: number;
  /** The highest sequence ever used, 0 when there was none. */
  readonly newestSeq: number;
  /** The oldest message that is not delivered, dead ones included, or `null`. */
  readonly oldest:
    | { readonly seq: number; readonly enqueuedAtMs: number }
    | null;
  /** How many messages have expired since the outbox was made. */
  readonly expired: number;
}

/** Consecutive messages, and how far the store looked to find them. */
export interface Page {
  /** The messages, by ascending sequence. */
  readonly messages: readonly Message[];
  /** Every matching message up to here is in `messages`; at least `after`. */
  readonly scannedTo: number;
  /** Whether nothing matching lay beyond `scannedTo` at the time of the read. */
  readonly end: boolean;
}

/** Asks for the next messages of all lanes but some. */
export interface ReadRequest {
  /** Read beyond this sequence. */
  readonly after: number;
  /** Leave these keys out. */
  readonly exceptKeys: readonly string[];
  /** At most so many messages. */
  readonly limit: number;
  /** At most so many bytes of payload, but always at least one message. */
  readonly maxBytes: number;
}

/** Asks for the next messages of one lane. */
export interface ReadLaneRequest {
  /** The lane's key; `null` reads messages without a key. */
  readonly key: string | null;
  /** Read beyond this sequence. */
  readonly after: number;
  /** Read up to and including this sequence. */
  readonly upTo: number;
  /** At most so many messages. */
  readonly limit: number;
  /** At most so many bytes of payload, but always at least one message. */
  readonly maxBytes: number;
}

/** Outcomes to record, in one transaction. */
export interface SettleRequest {
  /** Nothing is recorded unless this lease is still in force. */
  readonly lease: Lease;
  /** Messages the broker took: removed, or moved to the archive. */
  readonly delivered: readonly number[];
  /** Messages that were of no use any more: moved to the expired ones. */
  readonly expired: readonly number[];
  /** Those of `delivered` and `expired` that may have a failure record, which goes as well. */
  readonly recovered: readonly number[];
  /** Messages the broker refused: recorded, replacing an earlier record. */
  readonly failed: readonly FailureRecord[];
  /** Whether delivered messages are kept in the archive. */
  readonly archive: boolean;
  /** How many expired messages are kept, the newest; at least 1. */
  readonly keepExpired: number;
  /** What becomes of the lease. */
  readonly then: "keep" | "renew" | "release";
  /** With `renew`: whether the owner has shown that it outlives what it sends. */
  readonly proven: boolean;
  /** Wall-clock time, in ms since the epoch. */
  readonly nowMs: number;
}

/** What became of a settle. */
export interface Settlement {
  /** Whether the lease was in force, and so everything was recorded. */
  readonly inForce: boolean;
  /** The messages whose outcome was not recorded; empty when `inForce`. */
  readonly lost: readonly number[];
}

/** What the relay reads. */
export interface MessageSource {
  /**
   * Looks at the lease and at the ends of the queue.
   *
   * **Promises** a consistent view at a cost that does not grow with the backlog.
   * **May fail with** a {@link StorageError}.
   * **Must not** write.
   */
  survey(): Promise<Survey>;

  /**
   * Lists the failure records, by ascending sequence.
   *
   * **Promises** every record with a sequence above `after`, up to `limit`.
   * **May fail with** a {@link StorageError}.
   * **Must not** write.
   */
  failures(request: {
    readonly after: number;
    readonly limit: number;
  }): Promise<readonly FailureRecord[]>;

  /**
   * Reads on, in commit order, leaving out messages that have a failure record.
   *
   * **Promises** committed messages only, none skipped between `after` and
   * `scannedTo` but those left out; may look at a bounded number of rows only.
   * **May fail with** a {@link StorageError}.
   * **Must not** write, or keep a transaction open.
   */
  read(request: ReadRequest): Promise<Page>;

  /**
   * Reads on in one lane, leaving out dead messages only.
   *
   * **Promises**, **may fail** and **must not** like {@link read}.
   */
  readLane(request: ReadLaneRequest): Promise<Page>;

  /**
   * Makes everything that was read so far durable: no power cut must undo a
   * change that the world is about to be told of.
   *
   * **Promises** that, once it resolves; at no cost where commits are known to
   * be durable by themselves.
   * **May fail with** a {@link StorageError}; then nothing of it may be sent.
   * **Must not** change anything that others can see.
   */
  makeDurable(): Promise<void>;
}

/** What the relay needs. */
export interface RelayStore extends MessageSource {
  /**
   * Takes the lease: compare and set.
   *
   * **Promises** that of all callers that expect the same `epoch` and `beat`,
   * one gets the lease; `epoch` and `unproven` rise unless the owner stays the same.
   * **May fail with** a {@link StorageError}; the outcome is then unknown.
   * **Must not** judge whether the present lease has lapsed: the relay does.
   */
  acquire(request: {
    readonly owner: string;
    readonly leaseMs: number;
    readonly nowMs: number;
    readonly expect: { readonly epoch: number; readonly beat: number };
  }): Promise<Lease | null>;

  /**
   * Records outcomes in one durable transaction, fenced by the lease.
   *
   * **Promises** all or nothing; when the lease is not in force any more,
   * nothing changes, `inForce` is false and `lost` names every message of the
   * request. Recording the same outcomes again changes nothing. `unproven`
   * becomes 0 when the lease is released, or renewed by a proven owner. Of the
   * expired messages beyond those to be kept, the oldest go, at least as many
   * as came and at most twice as many.
   * **May fail with** a {@link StorageError}; the outcome is then unknown and
   * the same request may be made again.
   * **Must not** let a sequence number be used again, though rows go away.
   */
  settle(request: SettleRequest): Promise<Settlement>;
}

/** Keeps delivered messages for a time. */
export interface Archive {
  /**
   * Removes the oldest archived messages.
   *
   * **Promises** to remove at most `limit`: those delivered before
   * `deliveredBeforeMs`, and those beyond the newest `keepRows`.
   * **May fail with** a {@link StorageError}.
   * **Must not** touch a message that is not delivered.
   */
  prune(request: {
    readonly deliveredBeforeMs: number;
    readonly keepRows: number;
    readonly limit: number;
  }): Promise<{ readonly removed: number }>;
}

/** Remembers the last position of each key. */
export interface PositionMemory {
  /**
   * Forgets keys of which nothing was counted for long; such a key begins at
   * position 1 again.
   *
   * **Promises** to look at `limit` keys, at others with each call until all
   * had their turn, and to forget those whose last counted message has a
   * sequence below `countedBefore`.
   * **May fail with** a {@link StorageError}.
   * **Must not** forget another key, nor write where there is none to forget.
   */
  forgetPositions(request: {
    readonly countedBefore: number;
    readonly limit: number;
  }): Promise<{ readonly forgotten: number }>;
}

/** What survives: a power cut, the death of a process only, or neither. */
export interface Durability {
  /** The level in force for the relay's own writes and, as far as visible, the user's. */
  readonly level: "power-loss" | "process-crash" | "none";
  /** The settings it was read from, for people: `journal_mode=wal synchronous=2`. */
  readonly detail: string;
}

/** A connection of our own to the database. */
export interface Store
  extends RelayStore, Archive, PositionMemory, DeadLetterStore {
  /** Names the outbox; stable over its life, the same for every relay. */
  readonly identity: string;
  /** What a commit on this connection survives. */
  readonly durability: Durability;
  /**
   * Names the run of this machine since it was switched on, so that a power cut
   * is told apart from a process that died; empty where nobody can tell.
   */
  readonly boot: string;
  /**
   * Gives the connection back.
   *
   * **Promises** that nothing of it is left open; idempotent.
   * **May fail with** nothing.
   * **Must not** wait for anything but its own calls under way.
   */
  close(): Promise<void>;
}
