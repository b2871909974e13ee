/**
 * The storage of a Durable Object, as the conformance cases see it.
 *
 * @module
 */

import {
  type DurableObjectOutboxStorage,
  durableObjectStorage,
  type DurableObjectStorageLike,
  durableObjectTransactions,
  type TransactionOf,
} from "@mailboat/outbox/durable-object";
import type { StorageHarness } from "@mailboat/outbox/testing";

/** The storage of the object that the cases run in. */
export interface ObjectStorage extends DurableObjectStorageLike {
  /** Removes the whole database. */
  deleteAll(): Promise<void>;
}

type Tx = TransactionOf<ObjectStorage>;

/** All kits are given the same: a storage with an inbox and a letter box. */
export interface ObjectHarness extends StorageHarness<Tx> {
  readonly storage: DurableObjectOutboxStorage<Tx>;
  restart(): Promise<ObjectHarness>;
}

/** Runs work in a transaction of another object in the same isolate. */
export type Abroad = <T>(work: (tx: Tx) => Promise<T>) => Promise<T>;

/** Makes harnesses on the database of an object, one after the other. */
export function objectHarness(
  database: ObjectStorage,
  abroad: Abroad,
): () => Promise<ObjectHarness> {
  return async () => {
    await database.deleteAll();
    database.sql.exec("CREATE TABLE business (id TEXT)");
    return harnessOn(database, abroad);
  };
}

function harnessOn(database: ObjectStorage, abroad: Abroad): ObjectHarness {
  const killings = new Set<() => Promise<void>>();
  return {
    storage: durableObjectStorage(database),
    plainHandle: database,
    transaction: (work) => within(database, killings, work),
    foreignTransaction: abroad,
    writeRow: async (tx, id) => {
      await tx.sql.exec("INSERT INTO business (id) VALUES (?)", id);
    },
    rows: async () => {
      const rows = await database.sql.exec("SELECT id FROM business").toArray();
      return rows.map((row) => String((row as { id: unknown }).id));
    },
    batch: () => Promise.reject(new Error("it makes no statements")),
    restart: async () => {
      await Promise.all([...killings].map((kill) => kill()));
      return harnessOn(database, abroad);
    },
    close: () => Promise.resolve(),
  };
}

/** Fails at once while another is open; rolls back when the process is killed. */
export async function within<T>(
  database: ObjectStorage,
  killings: Set<() => Promise<void>>,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const transactions = durableObjectTransactions(database, {
    beginTimeoutMs: 1,
  });
  let reject = (_: Error): void => {};
  const killed = new Promise<never>((_, fail) => reject = fail);
  killed.catch(() => {});
  const results: T[] = [];
  const transaction = transactions.transaction(async (tx) => {
    results.push(await Promise.race([work(tx), killed]));
  });
  const kill = async () => {
    reject(new Error("killed"));
    await transaction.catch(() => {});
  };
  killings.add(kill);
  try {
    await transaction;
  } finally {
    killings.delete(kill);
  }
  return results[0]!;
}
