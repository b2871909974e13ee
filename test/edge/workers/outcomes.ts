/**
 * What came of a case.
 *
 * @module
 */

import { MailboatError, type Store } from "@mailboat/outbox";
import { checkEqual } from "../../../src/testing/conformance/checks.ts";

const PAGE = { after: 0, exceptKeys: [], limit: 1_000, maxBytes: 2 ** 26 };

/** The ids of what is stored, page by page, as a relay reads. */
export async function idsIn(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for (let after = 0, end = false; !end;) {
    const page = await store.read({ ...PAGE, after });
    ids.push(...page.messages.map(({ id }) => id));
    ({ scannedTo: after, end } = page);
  }
  return ids;
}

/** What a function throws at once; `null` when it throws nothing. */
export function caught(work: () => unknown): unknown {
  try {
    work();
    return null;
  } catch (error) {
    return error;
  }
}

/** The code of an error of ours; any other value as it is. */
export function codeOf(error: unknown): unknown {
  return error instanceof MailboatError ? error.code : error;
}

/** Fails unless both are the same by content. */
export function same(found: unknown, expected: unknown): void {
  checkEqual(found, expected, "the outcome");
}
