/**
 * The outbox that people write: SELECT what is pending, publish and wait,
 * UPDATE each. In order, at least once, and one at a time.
 *
 * @module
 */

import { type Client, createClient } from "@libsql/client";
import { connectAsync } from "mqtt";
import { noDelay } from "./publish_loop.ts";
import { readingOf } from "./reading.ts";

const PAGE = 100;

/** Makes a table with a backlog. */
export async function naiveBacklog(
  path: string,
  { events, keys }: { readonly events: number; readonly keys: number },
): Promise<void> {
  const client = createClient({ url: `file:${path}` });
  await client.execute("PRAGMA journal_mode=WAL");
  const insert = "INSERT INTO outbox (topic, payload) VALUES (?, ?)";
  await client.batch([
    `CREATE TABLE outbox (seq integer PRIMARY KEY, topic text NOT NULL,
      payload text NOT NULL, sent integer NOT NULL DEFAULT 0)`,
    "CREATE INDEX outbox_pending ON outbox (sent) WHERE sent = 0",
    ...Array.from({ length: events }, (_, n) => ({
      sql: insert,
      args: [`meters/m-${n % keys}`, JSON.stringify(readingOf(n, keys))],
    })),
  ], "write");
  client.close();
}

/** Empties the table; resolves with how long that took, in ms. */
export async function naiveRun(
  path: string,
  brokerUrl: string,
): Promise<number> {
  const client = createClient({ url: `file:${path}` });
  const broker = await connectAsync(brokerUrl, { protocolVersion: 5 });
  noDelay(broker.stream);
  const beganMs = performance.now();
  for (let rows = await pending(client); rows.length > 0;) {
    for (const { seq, topic, payload } of rows) {
      await broker.publishAsync(String(topic), String(payload), { qos: 1 });
      await client.execute({
        sql: "UPDATE outbox SET sent = 1 WHERE seq = ?",
        args: [seq ?? null],
      });
    }
    rows = await pending(client);
  }
  const tookMs = performance.now() - beganMs;
  await broker.endAsync(true);
  client.close();
  return tookMs;
}

async function pending(client: Client) {
  const { rows } = await client.execute(
    `SELECT seq, topic, payload FROM outbox WHERE sent = 0
    ORDER BY seq LIMIT ${PAGE}`,
  );
  return rows;
}
