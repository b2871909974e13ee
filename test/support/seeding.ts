/**
 * A backlog to start with.
 *
 * @module
 */

import { createOutbox } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import type { BusinessDatabase } from "./business_database.ts";
import { readingTaken } from "./children/reading.ts";

/** Enqueues messages, one for each key in turn. */
export async function fill(
  { client }: BusinessDatabase,
  { messages, keys }: { readonly messages: number; readonly keys: number },
): Promise<void> {
  const outbox = createOutbox({ storage: libsqlStorage(client) });
  const tx = await client.transaction("write");
  const drafts = Array.from(
    { length: messages },
    (_, at) =>
      readingTaken({ key: `k${at % keys}`, n: 1 + Math.floor(at / keys) }),
  );
  await outbox.enqueue(tx, ...drafts);
  await tx.commit();
}

/** Everything of a message but its id and its sequence. */
const CONTENT = "event, topic, key, content_type, headers, qos, retain, " +
  "on_dead, enqueued_at_ms, ttl_ms, chosen_id, done, payload";

/**
 * Enqueues copies of the first messages there are, so many times so many, in
 * one statement: enqueueing a million takes its time. Each has an id of its own,
 * which begins with the name of this call.
 */
export async function copy(
  { client }: BusinessDatabase,
  { name, messages, times }: {
    readonly name: string;
    readonly messages: number;
    readonly times: number;
  },
): Promise<void> {
  await client.execute(`WITH RECURSIVE copy (n) AS (
    SELECT 1 UNION ALL SELECT n + 1 FROM copy WHERE n < ${times}
  ) INSERT INTO mailboat_message (id, ${CONTENT})
  SELECT '${name}-' || n || '-' || id, ${CONTENT} FROM copy CROSS JOIN (
    SELECT * FROM mailboat_message WHERE done = 0 ORDER BY seq LIMIT ${messages}
  )`);
}
