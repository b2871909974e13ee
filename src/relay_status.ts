/**
 * The status of a relay: what it knows about itself.
 *
 * @module
 */

import type { Counters } from "./aftermath.ts";
import type { FailureRecord } from "./failure_record.ts";
import type { LinkState } from "./link.ts";
import type { SendOrder } from "./relay_options.ts";
import type { Durability } from "./store.ts";
import type { StoreTrouble } from "./store_access.ts";

/** What `relay.status()` shows: what the relay knew at its last pass. */
export interface RelayStatus {
  /**
   * `stopped`, or `standby` (without the lease), `idle` (nothing to do),
   * `working`, or `stopping`.
   */
  readonly state: "stopped" | "standby" | "idle" | "working" | "stopping";
  /** The fencing number while this relay holds the lease, or `null`. */
  readonly epoch: number | null;
  /** How many messages of one key may be on their way: one, or several. */
  readonly order: SendOrder;
  /** The connection to the broker. */
  readonly link: LinkState;
  /** Why the database cannot be used at present, or `null`. */
  readonly storeTrouble: StoreTrouble | null;
  /** What a commit survives, or `null` before the store was opened. */
  readonly durability: Durability | null;
  /** Messages sent whose outcome is unknown, or was not yet looked at. */
  readonly inFlight: number;
  /** Outcomes that are not recorded yet: these many would be sent again after a crash. */
  readonly unsettled: number;
  /** Messages in memory that wait to be sent. */
  readonly queued: number;
  /** Keys that wait, for a time or for an operator. */
  readonly waitingLanes: number;
  /** Whether so many wait (`maxSetAside`) that no more messages are read. */
  readonly saturated: boolean;
  /** Keys that wait for an operator, and up to 100 dead messages at their heads. */
  readonly held: {
    readonly count: number;
    readonly heads: readonly FailureRecord[];
  };
  /** The oldest message that is not delivered at the last look, dead ones included. */
  readonly oldest:
    | { readonly seq: number; readonly enqueuedAtMs: number }
    | null;
  /** No more messages than this were not delivered at the last look. */
  readonly backlogAtMost: number;
  /**
   * How many messages had expired in this outbox since it was made, at the last
   * look; the newest of them are listed by {@link DeadLetters.expired}.
   */
  readonly expired: number;
  /** What this relay has done since it was created. */
  readonly counters: Readonly<Counters>;
}
