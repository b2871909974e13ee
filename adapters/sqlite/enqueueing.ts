/**
 * Enqueueing: messages stored through a user's transaction, or in his batch.
 *
 * @module
 */

import { type NewMessage, StorageError } from "../../mod.ts";
import type { SqlCondition, SqlStatement, Steps } from "./driver.ts";
import { acting } from "./errors.ts";
import { type Home, requireHome } from "./home.ts";
import { ANYWHERE, insertOrFail, insertStatement } from "./insertion.ts";
import { countStatement, isCounted } from "./positions.ts";
import type { Tables } from "./tables.ts";
import { perform, type Run, type Target } from "./transaction.ts";

/** What is done here, as a verb phrase. */
export const ENQUEUEING = "enqueue";

/** Stores messages, in order, and tells of each whether it was stored. */
export async function enqueued(
  target: Target<Run>,
  messages: readonly NewMessage[],
): Promise<boolean[]> {
  const { home, run: { script } } = target;
  const [only] = messages;
  if (only !== undefined && messages.length === 1 && script !== undefined) {
    const statement = insertOrFail(home.tables, only, within(home));
    const isStored = statement !== null &&
      await acting(ENQUEUEING, () => script([statement]));
    if (isStored) return [true];
  }
  // A script that failed has stored nothing: what it met is found, and told, here.
  return await perform(target, store(home, messages));
}

/** Stores messages, in order, and tells of each whether it was stored. */
export function* store(
  home: Home,
  messages: readonly NewMessage[],
): Steps<boolean[]> {
  const { tables } = home;
  const { rows, changes } = yield statementsOf(tables, messages, within(home));
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

function within({ tables, row }: Home): SqlCondition {
  return {
    where: `EXISTS (SELECT 1 FROM ${tables.relay} WHERE ${row.where})`,
    args: row.args,
  };
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
