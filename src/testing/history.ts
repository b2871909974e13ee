/**
 * The history of a run: what the application committed, what arrived, and what
 * went wrong in between, as one entry per line.
 *
 * @module
 */

/** A message as the application knows it. */
export interface HistoryMessage {
  /** The id that the outbox gave it. */
  readonly id: string;
  /** Its key; `null` promises no order. */
  readonly key: string | null;
  /** Its place among the committed messages of its key: 1, 2, 3 … in commit order. */
  readonly position: number;
}

/** One thing that happened; `type` tells what. Entries are in the order in which they were seen. */
export type HistoryEntry =
  /** COMMIT or ROLLBACK of this transaction is about to be asked for. */
  | {
    readonly type: "intended";
    readonly tx: string;
    readonly messages: readonly HistoryMessage[];
  }
  /** The database said that it is committed. */
  | { readonly type: "committed"; readonly tx: string }
  /** It was rolled back. */
  | { readonly type: "rolledBack"; readonly tx: string }
  /** Nobody heard its outcome: what the database shows afterwards. */
  | {
    readonly type: "resolved";
    readonly tx: string;
    readonly committed: boolean;
  }
  /** A subscriber got this message, a copy or not; or the broker did, where no subscriber is. */
  | ({ readonly type: "received" } & HistoryMessage)
  /** The broker refused this copy of a message, perhaps not for ever. */
  | { readonly type: "refused"; readonly id: string }
  /**
   * The relay set a message aside; `held`: its lane waits for it. It may be
   * noted late, as another process tells of it.
   */
  | { readonly type: "dead"; readonly id: string; readonly held: boolean }
  /** An operator brought it back to its old place. */
  | { readonly type: "retried"; readonly id: string }
  /** An operator is about to give it up. */
  | { readonly type: "discarded"; readonly id: string }
  /**
   * The relay did not send a message in time; `ageMs` is how old it was at the
   * most, by a clock that nobody moved. It may have arrived before.
   */
  | {
    readonly type: "expired";
    readonly id: string;
    readonly ageMs: number;
    readonly ttlMs: number;
  }
  /** Something went wrong, and explains at most so many copies. */
  | {
    readonly type: "fault";
    readonly kind: string;
    readonly duplicates: number;
  }
  /** At the end of the run this message is still in the outbox. */
  | { readonly type: "remaining"; readonly id: string }
  /** The run was waited for to its end: nothing may be missing. */
  | { readonly type: "end" };
