/**
 * A consumer as a user would write it: from a broker into a SQLite file. It
 * says when it has written a row, and dies there if it is killed.
 */

import { createClient } from "@libsql/client";
import type { ConsumerEvent } from "@mailboat/outbox";
import { libsqlStorage, libsqlTransactions } from "@mailboat/outbox/libsql";
import { mqttConsumer } from "@mailboat/outbox/mqtt";
import { createSeededRandom } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { nextOrder, report } from "./parent.ts";
import { effectWanted, type SubscribedOrder } from "./subscribed_orders.ts";

const told = nextOrder<SubscribedOrder>();
report({ type: "ready" });
const { path, url, protocol, seed } = await told;
void nextOrder();
const random = createSeededRandom(seed);
const client = createClient({ url: `file:${path}` });

const consumer = mqttConsumer(url, {
  consumer: "effects",
  mqtt: { topics: ["effects/+"], protocol, window: 32 },
  storage: libsqlStorage(client),
  database: libsqlTransactions(client),
  reconnectCapMs: 500,
  inbox: {
    observe: ({ type, message: { id } }) => {
      if (type !== "inbox.duplicate") report({ type: "disorder", id });
    },
  },
  observe: tell,
  handlers: (on) => [
    on(effectWanted, {
      // Keys overtake each other, so that what is committed is not acknowledged.
      prepare: () => pause(random.integer(0, 12)),
      async act(tx, { id, data: { key, n } }) {
        await tx.execute({
          sql: "INSERT INTO effect (id, key, n) VALUES (?, ?, ?)",
          args: [id, key, n],
        });
        report({ type: "written", id });
        await pause(random.integer(0, 2));
      },
    }),
  ],
});
await consumer.run();

function tell(event: ConsumerEvent): void {
  switch (event.type) {
    case "transport.connected":
      return report({ type: "connected" });
    case "message.handled":
      return report({ type: "handled", id: event.message.id });
    case "message.duplicate":
      return report({ type: "duplicate" });
    case "message.failed":
    case "message.set_aside":
      return report({ type: "failed", reason: event.failure.reason });
  }
}
