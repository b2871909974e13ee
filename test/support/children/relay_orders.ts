/**
 * What a relay process is told and says.
 *
 * @module
 */

import type {
  ExponentialRetryOptions,
  RelayEvent,
  RelayOptions,
} from "@mailboat/outbox";
import type { Sabotage } from "../sabotaged_storage.ts";

/** What to run. */
export interface RelayOrder {
  /** The database file. */
  readonly path: string;
  /** The broker. */
  readonly url: string;
  readonly window?: number;
  readonly relay?: Omit<
    RelayOptions,
    "storage" | "transport" | "observe" | "retry" | "clock" | "random"
  >;
  readonly retry?: ExponentialRetryOptions;
  /** Whether it may see that other processes commit; true by default. */
  readonly hints?: boolean;
  /** The promise to break, for a judge to prove that it sees. */
  readonly sabotage?: Sabotage;
  /** The message, by id, whose sending ends the process with an abort. */
  readonly abortsOn?: string;
  /** The grace of the first SIGTERM; the second one has none. */
  readonly graceMs?: number;
  /** Events to be told of besides those that are rare. */
  readonly tell?: readonly RelayEvent["type"][];
}

/** What it says: that it is loaded, and what its relay observes. */
export type RelayReport = { readonly type: "ready" } | RelayEvent;
