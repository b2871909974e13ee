/**
 * Enqueueing: messages stored through a user's transaction, or in his batch.
 *
 * @module
 */

import { type NewMessage, StorageError } from "../../mod.ts";
import type { SqlCondition, SqlStatement, Steps } from "./driver.ts";
import { type Home, requireHome } from "./home.ts";
import { ANYWHERE, insertStatement } from "./insertion.ts";
import { countStatement, isCounted } from "./positions.ts";
import type { Tables } from "./tables.ts";

/** What is done here, as a verb phrase. */
export const ENQUEUEING = "enqueue";

/** Stores messages, in order, and tells of each whether it was stored. */
export function* store(
  home: Home,
  messages: readonly NewMessage[],
): Steps<boolean[]> {
  const { tables, row } = home;
  const within = {
    where: `EXISTS (SELECT 1 FROM ${tables.relay} WHERE ${row.where})`,
    args: row.args,
  };
  const { rows, changes } = yield statementsOf(tables, messages, within);
  const chosen = messages.some(({ chosenId }) => chosenId);
  const stored = chosen ? rows.length : changes;
  if (stored === 0) yield* requireHome(ENQUEUEING, home);
  if (chosen) {
    const ids = new Set(rows.map(({ id }) => id));
    return messages.map(({ id }) => ids.delete(id));
  }
  if (stored === messages.length) return messages.map(() => true);
  throw new StorageError(
    "STORAGE_FAILED",
    `Cannot enqueue as ${messages.length} rows must be stored: ` +
      `current value is ${stored}`,
  );
}

/** The statements that store messages in a batch. */
export function batchOf(
  tables: Tables,
  messages: readonly NewMessage[],
): readonly SqlStatement[] {
  if (messages.length === 0) return [];
  return statementsOf(tables, messages, ANYWHERE);
}

/**
 * The last one stores all messages or none, also if the user catches its error
 * and commits: then numbers that were counted are missing, no message is.
 */
function statementsOf(
  tables: Tables,
  messages: readonly NewMessage[],
  home: SqlCondition,
): SqlStatement[] {
  const distinct = distinctOf(messages);
  const insertion = insertStatement(tables, distinct, home);
  if (!distinct.some(isCounted)) return [insertion];
  return [countStatement(tables, distinct, home), insertion];
}

/** The messages without those whose id was chosen for one before them. */
function distinctOf(messages: readonly NewMessage[]): readonly NewMessage[] {
  const ids = new Set<string>();
  return messages.filter(({ id, chosenId }) =>
    !chosenId || (!ids.has(id) && ids.add(id))
  );
}
