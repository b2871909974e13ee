/**
 * What an inbox tells its observer: that a message came again, or that the
 * messages of a key did not come one after the other.
 *
 * @module
 */

/** A message, in an event of an inbox. */
export interface InboxRef {
  /** Who consumes. */
  readonly consumer: string;
  /** The producer. */
  readonly source: string;
  /** The message's id. */
  readonly id: string;
  /** The message's key; `null` when it has none. */
  readonly key: string | null;
}

/** One thing that an inbox noticed. `type` tells which. */
export type InboxEvent =
  /** The message was accepted before, and is refused. */
  | { readonly type: "inbox.duplicate"; readonly message: InboxRef }
  /** The message was accepted, and others of its key that come before it were not. */
  | {
    readonly type: "inbox.gap";
    readonly message: InboxRef;
    /** The position that should have come. */
    readonly expected: number;
    /** The position that came. */
    readonly found: number;
    /** How many did not come. They may still, as `inbox.reordered`. */
    readonly missing: number;
  }
  /**
   * The message was accepted, after one of its key that comes behind it:
   * other software changed the order, or a dead letter was sent again.
   */
  | {
    readonly type: "inbox.reordered";
    readonly message: InboxRef;
    /** Which of the two numbers tells. */
    readonly by: "position" | "seq";
    /** The highest that came before. */
    readonly last: number;
    /** The one that came now. */
    readonly found: number;
  };

/**
 * Receives every event, once, when `accept` has done its work: the transaction
 * may still roll back, and the event is emitted again with the next delivery.
 * Called synchronously; what it throws is dropped.
 */
export type ObserveInbox = (event: InboxEvent) => void;
