/**
 * What a consumer process is told and says.
 *
 * @module
 */

import type { InboxMessage } from "@mailboat/outbox";

/** What to consume. */
export interface ConsumerOrder {
  /** The database file. */
  readonly path: string;
  /** What is delivered, in this order. */
  readonly messages: readonly InboxMessage[];
  /** How long the work takes, between the accept and the commit. */
  readonly pauseMs: number;
}

/** What it says. */
export type ConsumerReport =
  | { readonly type: "ready" }
  /** The inbox said yes; nothing is committed. */
  | { readonly type: "accepted"; readonly id: string }
  /** The work is committed: the broker would deliver no more. */
  | { readonly type: "acknowledged"; readonly id: string }
  | { readonly type: "done" };
