/**
 * What a writer process is told and says.
 *
 * @module
 */

/** What to write, or to end after the transaction under way. */
export type WriterOrder = WriterTask | "stop";

/** What to write. */
export interface WriterTask {
  /** The database file. */
  readonly path: string;
  /** What it writes with. */
  readonly through: "libsql" | "drizzle";
  /** What makes its choices. */
  readonly seed: number;
  /** How many keys it writes readings of. */
  readonly keys: number;
  /** How many transactions at the most; without a limit by default. */
  readonly transactions?: number;
  /** The pause between two transactions. */
  readonly pauseMs: number;
}

/** What it says. */
export type WriterReport =
  | { readonly type: "ready" }
  /** So many messages were committed so far. */
  | { readonly type: "committed"; readonly messages: number }
  | { readonly type: "done"; readonly rolledBack: number };
