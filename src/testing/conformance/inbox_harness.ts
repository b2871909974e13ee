/**
 * The inbox harness: what the conformance cases of an inbox need to know about
 * a database beside the contract. A {@link StorageHarness} whose storage has
 * an inbox is one.
 *
 * @module
 */

import type {
  InboxStorage,
  StorageBase,
  SyncInboxStorage,
} from "../../../mod.ts";
import type { StorageHarness } from "./storage_harness.ts";

/** A storage with an inbox on a database of its own, and the user's side of it. */
export interface InboxHarness<Tx>
  extends Omit<StorageHarness<Tx>, "storage" | "batch" | "restart"> {
  /** The storage under test. */
  readonly storage:
    & Pick<StorageBase, "migrate">
    & (InboxStorage<Tx> | SyncInboxStorage<Tx>);
  /**
   * Opens the same database as another process finds it after this one was
   * killed just now; then closes everything of its own.
   */
  restart(): Promise<InboxHarness<Tx>>;
}

/** Makes a harness around a new, empty database without tables of Mailboat. */
export type CreateInboxHarness<Tx> = () => Promise<InboxHarness<Tx>>;
