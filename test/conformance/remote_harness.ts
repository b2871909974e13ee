/**
 * The storages on a libSQL server, as the conformance cases see them.
 *
 * @module
 */

import { type Client, createClient, type Transaction } from "@libsql/client";
import type { InboxStorage, LetterStorage, Storage } from "@mailboat/outbox";
import {
  type DrizzleStatement,
  drizzleStorage,
} from "@mailboat/outbox/drizzle";
import {
  type LibsqlRemoteStatement,
  libsqlRemoteStorage,
} from "@mailboat/outbox/libsql/remote";
import type { StorageHarness } from "@mailboat/outbox/testing";
import { drizzle, type LibSQLDatabase } from "drizzle-orm/libsql";
import { type Sqld, startSqld } from "../support/sqld.ts";
import {
  businessRows,
  drizzleWriting,
  libsqlWriting,
} from "./sqlite_harness.ts";

/** All kits are given the same: a storage with an inbox and a letter box. */
interface Harness<Tx, Statement> extends StorageHarness<Tx, Statement> {
  readonly storage:
    & Storage<Tx, Statement>
    & InboxStorage<Tx>
    & LetterStorage<Tx>;
  restart(): Promise<Harness<Tx, Statement>>;
}

/** How the client reaches the server. */
export type Scheme = "http" | "ws";

type RemoteHarness = Harness<Transaction, LibsqlRemoteStatement>;
type DrizzleTx = Parameters<Parameters<LibSQLDatabase["transaction"]>[0]>[0];
type DrizzleHarness = Harness<DrizzleTx, DrizzleStatement>;

/** Makes harnesses around new servers, behind the libSQL client. */
export function remoteHarness(scheme: Scheme): () => Promise<RemoteHarness> {
  return async () => await harnessOn(await startSqld(), scheme);
}

async function harnessOn(sqld: Sqld, scheme: Scheme): Promise<RemoteHarness> {
  const client = await openClient(sqld, scheme);
  const storage = libsqlRemoteStorage(client);
  return {
    ...around({ sqld, client }, (left) => harnessOn(left, scheme)),
    storage,
    plainHandle: client,
    transaction: (work) => within(client, work),
    foreignTransaction: (work) =>
      onAnotherServer(scheme, async (other) => {
        await libsqlRemoteStorage(other).migrate();
        return await within(other, work);
      }),
    ...libsqlWriting(client),
  };
}

/** A new server behind drizzle. */
export async function createRemoteDrizzleHarness(): Promise<DrizzleHarness> {
  return await drizzleHarnessOn(await startSqld());
}

async function drizzleHarnessOn(sqld: Sqld): Promise<DrizzleHarness> {
  const client = await openClient(sqld, "http");
  const db = drizzle({ client });
  return {
    ...around({ sqld, client }, drizzleHarnessOn),
    storage: drizzleStorage(db, libsqlRemoteStorage(client)),
    plainHandle: db,
    transaction: (work) => finishing(() => db.transaction(work)),
    foreignTransaction: (work) =>
      onAnotherServer("http", async (other) => {
        const foreign = drizzle({ client: other });
        await libsqlRemoteStorage(other).migrate();
        return await foreign.transaction(work);
      }),
    ...drizzleWriting(db),
  };
}

/** What both have in common. */
function around<H>(
  { sqld, client }: { readonly sqld: Sqld; readonly client: Client },
  reopen: (sqld: Sqld) => Promise<H>,
) {
  return {
    rows: () => businessRows(client),
    restart: async () => {
      await sqld.kill();
      client.close();
      await sqld.start();
      return await reopen(sqld);
    },
    close: async () => {
      client.close();
      await sqld.stop();
    },
  };
}

/** A client of a server with a business table. */
async function openClient({ port }: Sqld, scheme: Scheme): Promise<Client> {
  const client = createClient({ url: `${scheme}://127.0.0.1:${port}` });
  await client.execute("CREATE TABLE IF NOT EXISTS business (id TEXT)");
  return client;
}

async function onAnotherServer<T>(
  scheme: Scheme,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const sqld = await startSqld();
  try {
    const client = await openClient(sqld, scheme);
    try {
      return await work(client);
    } finally {
      client.close();
    }
  } finally {
    await sqld.stop();
  }
}

function within<T>(
  client: Client,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  return finishing(async () => {
    const tx = await client.transaction("write");
    try {
      const result = await work(tx);
      await tx.commit();
      return result;
    } finally {
      tx.close();
    }
  });
}

/** Calls by its name what a server does to one that keeps others waiting. */
async function finishing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if ((error as { code?: unknown }).code !== "TRANSACTION_TIMEOUT") {
      throw error;
    }
    throw Object.assign(
      new Error("the server took the lock", { cause: error }),
      {
        code: "TRANSACTION_FINISHED",
      },
    );
  }
}
