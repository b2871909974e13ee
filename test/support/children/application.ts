/** An application that gives up where the database stays locked. */

import { createClient } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { setTimeout as pause } from "node:timers/promises";
import { leave, nextOrder, report } from "./parent.ts";
import { readingTaken } from "./reading.ts";

/** How often to write, and for how long to wait for the lock. */
export interface ApplicationOrder {
  readonly path: string;
  /** What its keys begin with. */
  readonly key: string;
  readonly transactions: number;
  readonly timeoutMs: number;
}

/** What came of it. */
export interface ApplicationReport {
  readonly type: "wrote";
  /** Transactions that gave up. */
  readonly refused: number;
  readonly committed: number;
}

const { path, key, transactions, timeoutMs } = await nextOrder<
  ApplicationOrder
>();
const client = createClient({ url: `file:${path}`, timeout: timeoutMs });
const outbox = createOutbox({ storage: libsqlStorage(client) });
let refused = 0;
let committed = 0;
for (let count = 0; count < transactions; count++) {
  try {
    const tx = await client.transaction("write");
    await outbox.enqueue(tx, readingTaken({ key: `${key} ${count}`, n: 1 }));
    await tx.commit();
    committed += 1;
  } catch (error) {
    if ((error as { code?: unknown }).code !== "SQLITE_BUSY") throw error;
    refused += 1;
    // A connection of this client that met a lock is of no more use.
    await client.reconnect();
  }
  await pause(7);
}
client.close();
report({ type: "wrote", refused, committed });
leave();
