/** An application whose transactions are taken step by step. */

import { createClient, type Transaction } from "@libsql/client";
import { createOutbox, systemClock } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { leave, nextOrder, report } from "./parent.ts";
import { readingTaken } from "./reading.ts";
import type { StepOrder } from "./step_orders.ts";

const system = systemClock();
let clockOffsetMs = 0;
let tx: Transaction | undefined;

const { path } = await nextOrder<{ readonly path: string }>();
const client = createClient({ url: `file:${path}`, timeout: 10_000 });
const outbox = createOutbox({
  storage: libsqlStorage(client),
  clock: { ...system, nowMs: () => system.nowMs() + clockOffsetMs },
});
for (let next = nextOrder<StepOrder>();;) {
  report({ type: "done" });
  const order = await next;
  if (order === "end") break;
  next = nextOrder<StepOrder>();
  await take(order);
}
client.close();
leave();

async function take(order: Exclude<StepOrder, "end">): Promise<void> {
  switch (order.step) {
    case "set clock":
      clockOffsetMs = order.offsetMs;
      return;
    case "begin":
      tx = await client.transaction(order.mode);
      return;
    case "write": {
      const { key, n } = order;
      const [receipt] = await outbox.enqueue(tx!, readingTaken({ key, n }));
      await tx!.execute({
        sql:
          "INSERT INTO reading (id, key, n, tx, size) VALUES (?, ?, ?, ?, 1)",
        args: [receipt!.id, key, n, receipt!.id],
      });
      return;
    }
    case "commit":
      return await tx!.commit();
  }
}
