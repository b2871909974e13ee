/**
 * The letter harness: what the conformance cases of a letter box need to know
 * about a database beside the contract. A {@link StorageHarness} whose storage
 * has a letter box is one.
 *
 * @module
 */

import type { LetterStorage, StorageBase } from "../../../mod.ts";
import type { InboxHarness } from "./inbox_harness.ts";

/** A storage with a letter box on a database of its own, and the user's side of it. */
export interface LetterHarness<Tx>
  extends Omit<InboxHarness<Tx>, "storage" | "restart"> {
  /** The storage under test. */
  readonly storage: Pick<StorageBase, "migrate"> & LetterStorage<Tx>;
  /**
   * Opens the same database as another process finds it after this one was
   * killed just now; then closes everything of its own.
   */
  restart(): Promise<LetterHarness<Tx>>;
}

/** Makes a harness around a new, empty database without tables of Mailboat. */
export type CreateLetterHarness<Tx> = () => Promise<LetterHarness<Tx>>;
