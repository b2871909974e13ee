/**
 * A storage: an outbox, and a user's transactions on its database.
 *
 * @module
 */

import type {
  InboxStorage,
  LetterBox,
  LetterStorage,
  NewMessage,
  Storage,
  StorageBase,
  SyncInboxStorage,
  SyncStorage,
} from "../../mod.ts";
import type { SqlStatement, Steps } from "./driver.ts";
import { batchOf, enqueued, ENQUEUEING, store } from "./enqueueing.ts";
import {
  Founded,
  type Ground,
  type Parts,
  type SqliteOutbox,
} from "./foundation.ts";
import { type Home, homeByConnection } from "./home.ts";
import { ACCEPTING, look, record } from "./inbox.ts";
import { list, put, remove, SETTING_ASIDE } from "./letter_box.ts";
import { partsOf } from "./parts.ts";
import { isCounted } from "./positions.ts";
import {
  type Enter,
  entered,
  perform,
  performSync,
  type SyncEnter,
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

/** What a driver adds that answers at once. */
export interface SyncTransactionPort<Tx> {
  /**
   * Checks a handle, and runs statements on it. A transaction on another
   * database is refused here.
   */
  readonly enter: SyncEnter<Tx>;
  /** What its transactions are on. */
  readonly ground: Ground;
}

/** A storage on SQLite, over a driver that promises its answers. */
export interface SqliteStorage<Tx, Statement>
  extends Storage<Tx, Statement>, InboxStorage<Tx>, LetterStorage<Tx> {}

/** A storage on SQLite, over a driver that answers at once. */
export interface SqliteSyncStorage<Tx>
  extends SyncStorage<Tx>, SyncInboxStorage<Tx>, LetterStorage<Tx> {}

/** Creates a storage over a driver that promises its answers. */
export function storageOver<Tx, Statement>(
  outbox: SqliteOutbox,
  port: TransactionPort<Tx, Statement>,
): SqliteStorage<Tx, Statement> {
  const { enter, statementOf, connectionOf = (tx) => tx as object } = port;
  const inTurn = turnsByConnection();
  const performed = async <T>(
    action: string,
    tx: Tx,
    work: (home: Home) => Steps<T>,
  ): Promise<T> => {
    const run = entered(enter, tx, action);
    const home = await outbox.home();
    return await perform({ action, run, home }, work(home));
  };
  const users: Users<SqliteStorage<Tx, Statement>> = {
    writer: {
      async insert(tx, messages) {
        const run = entered(enter, tx, ENQUEUEING);
        const connection = entered(connectionOf, tx, ENQUEUEING);
        if (messages.length === 0) return [];
        const home = await outbox.home();
        const target = { action: ENQUEUEING, run, home };
        const work = () => enqueued(target, messages);
        const stored = await inTurn(connection, messages.some(isCounted), work);
        outbox.announce();
        return stored;
      },
      statements: (messages) =>
        batchOf(outbox.tables, messages).map(statementOf),
    },
    inbox: {
      look: (tx, request) =>
        performed(ACCEPTING, tx, (home) => look(home, request)),
      record: (tx, request) =>
        performed(ACCEPTING, tx, (home) => record(home, request)),
    },
    letters: letterBox((tx, work) => performed(SETTING_ASIDE, tx, work)),
  };
  return Object.assign(new Founded({ outbox }), users);
}

/** Creates a storage over a driver that answers at once. */
export function syncStorageOver<Tx>(
  outbox: SqliteOutbox,
  { enter, ground }: SyncTransactionPort<Tx>,
): SqliteSyncStorage<Tx> {
  const home = homeByConnection(outbox.tables);
  const performed = <T>(action: string, tx: Tx, steps: Steps<T>): T =>
    performSync({ action, run: entered(enter, tx, action), home }, steps);
  const users: Users<SqliteSyncStorage<Tx>> = {
    writer: {
      insertSync(tx, messages) {
        const run = entered(enter, tx, ENQUEUEING);
        if (messages.length === 0) return [];
        const target = { action: ENQUEUEING, run, home };
        const insert = (part: readonly NewMessage[]) =>
          performSync(target, store(home, part));
        const stored = inParts(messages, ground.parts, insert);
        outbox.announce();
        return stored;
      },
    },
    inbox: {
      lookSync: (tx, request) => performed(ACCEPTING, tx, look(home, request)),
      recordSync: (tx, request) =>
        performed(ACCEPTING, tx, record(home, request)),
    },
    letters: letterBox(async (tx, work) =>
      await performed(SETTING_ASIDE, tx, work(home))
    ),
  };
  return Object.assign(new Founded({ outbox, ground }), users);
}

function inParts(
  messages: readonly NewMessage[],
  parts: Parts | undefined,
  insert: (part: readonly NewMessage[]) => boolean[],
): boolean[] {
  if (parts === undefined) return insert(messages);
  const cut = partsOf(ENQUEUEING, messages, parts.maxBytes);
  if (cut.length === 1) return insert(messages);
  return parts.together(() => cut.flatMap(insert));
}

/** What a storage has beside its outbox. */
type Users<S extends StorageBase> = Omit<S, keyof StorageBase>;

function letterBox<Tx>(
  performed: <T>(tx: Tx, work: (home: Home) => Steps<T>) => Promise<T>,
): LetterBox<Tx> {
  return {
    put: (tx, letter, limit) =>
      performed(tx, (home) => put(home, letter, limit)),
    remove: (tx, letter) => performed(tx, (home) => remove(home, letter)),
    list: (tx, request) => performed(tx, (home) => list(home, request)),
  };
}

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
