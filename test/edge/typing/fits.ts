/**
 * What compiles: the types of the platform fit what the adapters ask of them,
 * and a user gets his own back.
 */

import type {
  D1Database,
  D1PreparedStatement,
  DurableObjectState,
  SqlStorage,
} from "@cloudflare/workers-types";
import {
  createConsumer,
  createInbox,
  createOutbox,
  type Draft,
  type Subscriber,
} from "@mailboat/outbox";
import { d1Storage } from "@mailboat/outbox/d1";
import {
  durableObjectStorage,
  durableObjectTransactions,
} from "@mailboat/outbox/durable-object";

/** Never called: it is enough that it compiles. */
export async function d1Fits(DB: D1Database, draft: Draft): Promise<void> {
  const outbox = createOutbox({ storage: d1Storage(DB) });
  const { statements } = await outbox.prepare(draft);
  const mine: readonly D1PreparedStatement[] = statements;
  await DB.batch([DB.prepare("SELECT 1"), ...mine]);
  // @ts-expect-error a database is no transaction, and there is none
  await outbox.enqueue(DB, draft);
}

/** Never called. */
export function objectFits(
  { storage: database }: DurableObjectState,
  { draft, subscriber }: {
    readonly draft: Draft;
    readonly subscriber: Subscriber;
  },
): void {
  const storage = durableObjectStorage(database);
  const outbox = createOutbox({ storage });
  storage.transaction((tx) => {
    const sql: SqlStorage = tx.sql;
    sql.exec("SELECT 1");
    outbox.enqueue(tx, draft);
  });
  createInbox({ consumer: "one", storage });
  createConsumer({
    consumer: "one",
    subscriber,
    storage,
    database: durableObjectTransactions(database),
    handlers: () => [],
  });
  // @ts-expect-error the storage of the object is no transaction
  outbox.enqueue(database, draft);
}
