/**
 * A libSQL server with a business table and an outbox, and ways to it.
 *
 * @module
 */

import { type Client, createClient } from "@libsql/client";
import { libsqlRemoteStorage } from "@mailboat/outbox/libsql/remote";
import type { TestContext } from "vitest";
import { type ServerProxy, startServerProxy } from "../support/server_proxy.ts";
import { type Sqld, startSqld } from "../support/sqld.ts";

/** A server, and what a test does around it. */
export interface RemoteRig {
  readonly sqld: Sqld;
  /** A way to the server that can be cut. */
  readonly proxy: ServerProxy;
  /** A client that goes straight to the server. */
  readonly client: Client;
  /** Another client, through the proxy. */
  throughProxy(scheme?: "http" | "ws"): Client;
  /** The ids of the committed business rows. */
  rows(): Promise<string[]>;
}

/**
 * Starts a server with a migrated outbox; ended when the test ends, which may
 * run beside others.
 */
export async function createRemoteRig(
  context: TestContext,
): Promise<RemoteRig> {
  const sqld = await startSqld();
  context.onTestFinished(() => sqld.stop());
  const clientOf = (url: string) => {
    const client = createClient({ url });
    context.onTestFinished(() => client.close());
    return client;
  };
  const client = clientOf(sqld.url);
  await client.execute("CREATE TABLE business (id TEXT)");
  await libsqlRemoteStorage(client).migrate();
  const proxy = await startServerProxy(sqld.port, context);
  return {
    sqld,
    proxy,
    client,
    throughProxy: (scheme = "http") =>
      clientOf(`${scheme}://127.0.0.1:${proxy.port}`),
    rows: async () => {
      const { rows } = await client.execute("SELECT id FROM business");
      return rows.map((row) => String(row[0]));
    },
  };
}

/** Writes a business row. */
export function rowOf(id: string): { sql: string; args: string[] } {
  return { sql: "INSERT INTO business (id) VALUES (?)", args: [id] };
}
