/**
 * Transactions of a drizzle database, as a consumer runs them.
 *
 * @module
 */

import {
  InputError,
  readOptions,
  shorten,
  type Transactions,
  type TurnOptions,
} from "../../mod.ts";
import {
  type ClosableTransaction,
  type TransactingClient,
  turnsOf,
} from "../libsql/transactions.ts";
import { isSync } from "./internals.ts";

/** What is asked of a drizzle database. */
export interface TransactingDatabase<Tx> {
  /** The client that `drizzle()` was given or made. */
  readonly $client: TransactingClient<ClosableTransaction>;
  /** Runs work in a transaction. */
  transaction(work: (tx: Tx) => Promise<void>): Promise<unknown>;
}

/**
 * Runs work in write transactions of a drizzle database, for `createConsumer`
 * and for whatever else the process writes: they take turns, so that none
 * meets the lock of another, and wait for a lock that another process holds,
 * without blocking.
 *
 * `db.transaction` itself takes no turn, and a lock that it meets spoils a
 * connection of its client for seconds. None may be begun inside another.
 *
 * A driver that answers at once has transactions of its own for a consumer,
 * such as `betterSqlite3Transactions`: wrap the database that handlers get from
 * them, `drizzle({ client: tx })`. For a server there is
 * `libsqlRemoteTransactions`, whose handlers get the client's transaction.
 *
 * @throws {InputError} `INVALID_OPTION` for what is no database of
 * `drizzle-orm/libsql` on a local file, or an option that is out of range.
 *
 * @example
 * ```ts
 * await drizzleTransactions(db).transaction(async (tx) => {
 *   await tx.insert(readings).values({ meter: "m-1", kwh: 4.2 });
 * });
 * ```
 */
export function drizzleTransactions<Tx>(
  db: TransactingDatabase<Tx>,
  options: TurnOptions = {},
): Transactions<Tx> {
  const session = readOptions({ action, options: db }, sessionOf<Tx>);
  const turns = turnsOf(session.client, options);
  return {
    takesTurns: true,
    transaction: (work) =>
      turns.take(async (begun) => {
        try {
          await lending(session, begun).transaction(work);
        } finally {
          begun.close();
        }
      }),
  };
}

const action = "create transactions";

/** What a drizzle database has within, as far as it is used. */
interface Session<Tx> {
  readonly client: TransactingClient<ClosableTransaction>;
  transaction(work: (tx: Tx) => Promise<void>): Promise<unknown>;
}

function sessionOf<Tx>(db: TransactingDatabase<Tx>): Session<Tx> {
  const { session, $client } = db as typeof db & {
    readonly session?: Partial<Session<Tx>>;
  };
  const isOne = typeof $client?.transaction === "function" &&
    session?.client === $client && typeof session.transaction === "function";
  const { protocol = "file" } = Object($client) as { protocol?: unknown };
  if (isOne && !isSync(db) && protocol === "file") {
    return session as Session<Tx>;
  }
  throw new InputError("INVALID_OPTION", {
    action,
    field: "db",
    required: "a database of drizzle-orm/libsql on a local file",
    found: foundIn(db, isOne),
  });
}

function foundIn(db: object, isOne: boolean): string {
  if (isSync(db)) {
    return "one that answers at once, whose driver has transactions of its own";
  }
  return isOne
    ? "one on a server, which has libsqlRemoteTransactions"
    : shorten(db);
}

/** The same session over a client that has begun its one transaction already. */
function lending<Tx>(
  session: Session<Tx>,
  begun: ClosableTransaction,
): Session<Tx> {
  const client = { transaction: () => Promise.resolve(begun) };
  return Object.create(session, { client: { value: client } }) as Session<Tx>;
}
