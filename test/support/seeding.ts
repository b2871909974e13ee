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
