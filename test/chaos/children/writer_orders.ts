/**
 * What a writer of a run is told and says.
 *
 * @module
 */

import type { HistoryEntry } from "@mailboat/outbox/testing";

/** First what to write, then the answers to what it says. */
export type WriterOrder = WriterTask | WriterAnswer;

/** What to write. */
export interface WriterTask {
  readonly path: string;
  /** Begins the names of its transactions. */
  readonly name: string;
  readonly seed: number;
  readonly keys: readonly string[];
}

/** What was said last is on record: go on. */
export interface WriterAnswer {
  /** Whether the database may not grow from here on. */
  readonly isFull: boolean;
  /** How long to wait before the next transaction. */
  readonly pauseMs: number;
}

/** What it says: what becomes of its transactions, as far as it knows. */
export type WriterReport =
  | { readonly type: "ready" }
  | Extract<HistoryEntry, { type: "intended" | "committed" | "rolledBack" }>
  /** The database failed; before COMMIT was asked for, or then. */
  | { readonly type: "refused"; readonly code: string };
