/**
 * A consumer: is handed messages, and works each off in a transaction with its
 * inbox. Before every commit it says so, and dies there if it is killed.
 */

import { createClient } from "@libsql/client";
import { createInbox, type InboxMessage } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { setTimeout as pause } from "node:timers/promises";
import type { ConsumerOrder } from "./consumer_orders.ts";
import { nextOrder, report } from "./parent.ts";

const told = nextOrder<ConsumerOrder>();
report({ type: "ready" });
const { path, messages, pauseMs } = await told;
void nextOrder();
const client = createClient({ url: `file:${path}`, timeout: 10_000 });
const inbox = createInbox({
  storage: libsqlStorage(client),
  consumer: "readings",
});

for (const message of messages) {
  await consume(message);
  report({ type: "acknowledged", id: message.id });
}
report({ type: "done" });

async function consume(message: InboxMessage): Promise<void> {
  const tx = await client.transaction("write");
  try {
    if (await inbox.accept(tx, message)) {
      report({ type: "accepted", id: message.id });
      await tx.execute({
        sql: "INSERT INTO effect (id) VALUES (?)",
        args: [message.id],
      });
      await pause(pauseMs);
    }
    await tx.commit();
  } finally {
    tx.close();
  }
}
