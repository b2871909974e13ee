/**
 * Everything that is asked of a storage: to store, to keep an inbox, and to
 * keep letters.
 *
 * @module
 */

import {
  type ConformanceCase,
  type CreateInboxHarness,
  type CreateLetterHarness,
  type CreateStorageHarness,
  inboxConformance,
  letterConformance,
  storageConformance,
} from "@mailboat/outbox/testing";

/** As often as it takes to see that relays race; the tests do it for longer. */
const RACES = 100;

/** The cases of all three lists. */
export function storageCases<Tx, Statement>(
  create:
    & CreateStorageHarness<Tx, Statement>
    & CreateInboxHarness<Tx>
    & CreateLetterHarness<Tx>,
  races: number = RACES,
): readonly ConformanceCase[] {
  return [
    ...storageConformance<Tx, Statement>({ create, races }),
    ...inboxConformance<Tx>({ create }),
    ...letterConformance<Tx>({ create }),
  ];
}
