/**
 * The writer: messages stored through the user's own transaction.
 *
 * @module
 */

import { type NewMessage, StorageError, type Writer } from "../../mod.ts";
import type { SqlCondition, SqlOutcome, SqlStatement } from "./driver.ts";
import { insertStatement } from "./insertion.ts";
import { countStatement, isCounted } from "./positions.ts";
import type { Tables } from "./tables.ts";
import {
  type Enter,
  entered,
  foreign,
  runOn,
  type Target,
} from "./transaction.ts";

/** What a driver adds: its transactions and its batches. */
export interface TransactionPort<Tx, Statement> {
  /** Checks a handle, and runs statements on it. */
  readonly enter: Enter<Tx>;
  /** Makes a statement for the driver's batch. */
  readonly statementOf: (statement: SqlStatement) => Statement;
  /** What all handles of one transaction share, where there may be several. */
  readonly connectionOf?: (tx: Tx) => object;
}

/** The outbox that is written to. */
export interface Home {
  /** The names of its tables. */
  readonly tables: Tables;
  /** Its own name, as its database tells it. */
  readonly identity: () => Promise<string>;
  /** Tells the relays of this process that a commit may follow. */
  readonly announce: () => void;
}

/** Creates a writer. */
export function sqliteWriter<Tx, Statement>(
  port: TransactionPort<Tx, Statement>,
  home: Home,
): Writer<Tx, Statement> {
  const { enter, statementOf, connectionOf = (tx) => tx as object } = port;
  const { tables } = home;
  const inTurn = turnsByConnection();
  return {
    async insert(tx, messages) {
      const run = entered(enter, tx, action);
      const connection = entered(connectionOf, tx, action);
      if (messages.length === 0) return [];
      const identity = await home.identity();
      const target = { action, run, tables, identity };
      const work = () => insert(target, messages);
      const stored = await inTurn(connection, messages.some(isCounted), work);
      home.announce();
      return stored;
    },
    statements(messages) {
      if (messages.length === 0) return [];
      const anywhere = { where: "true", args: [] };
      return statementsOf(tables, messages, anywhere).map(statementOf);
    },
  };
}

const action = "enqueue";

/**
 * Runs work after what was called before on the same connection. One statement
 * need not wait for another: only behind two there is a queue.
 */
function turnsByConnection() {
  const last = new WeakMap<object, Promise<unknown>>();
  return <T>(
    connection: object,
    counts: boolean,
    work: () => Promise<T>,
  ): Promise<T> => {
    const before = last.get(connection);
    if (before === undefined && !counts) return work();
    const turn = (before ?? Promise.resolve()).then(work);
    last.set(connection, turn.catch(() => {}));
    return turn;
  };
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

async function insert(
  target: Target,
  messages: readonly NewMessage[],
): Promise<boolean[]> {
  const { tables, identity } = target;
  const home = {
    where: `EXISTS (SELECT 1 FROM ${tables.relay} WHERE "identity" = ?)`,
    args: [identity],
  };
  let outcome: SqlOutcome = { rows: [], changes: 0 };
  for (const statement of statementsOf(tables, messages, home)) {
    outcome = await runOn(target, statement);
  }
  const { rows, changes } = outcome;
  const chosen = messages.some(({ chosenId }) => chosenId);
  const stored = chosen ? rows.length : changes;
  if (stored === 0) await requireHome(target);
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

/** Fails with `FOREIGN_TRANSACTION` unless the outbox is in the transaction's database. */
async function requireHome(target: Target): Promise<void> {
  const { tables, identity } = target;
  const { rows } = await runOn(target, {
    sql: `SELECT 1 "home" FROM ${tables.relay} WHERE "identity" = ?`,
    args: [identity],
  });
  if (rows.length > 0) return;
  throw foreign(action, "a transaction on another outbox");
}
