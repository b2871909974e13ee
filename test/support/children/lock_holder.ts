/** Holds the write lock of a database, over and over: for 20 ms of every 25 ms unless it is told otherwise. */

import { createClient } from "@libsql/client";
import { setTimeout as pause } from "node:timers/promises";
import { nextOrder, report } from "./parent.ts";

/** Which lock to hold, and how. */
export interface LockOrder {
  /** The database file. */
  readonly path: string;
  readonly heldMs?: number;
  readonly freeMs?: number;
}

report({ type: "ready" });
const { path, heldMs = 20, freeMs = 5 } = await nextOrder<LockOrder>();
const client = createClient({ url: `file:${path}`, timeout: 5_000 });
void nextOrder();

for (let round = 0;; round++) {
  const tx = await client.transaction("write");
  if (round === 0) report({ type: "held" });
  await pause(heldMs);
  await tx.commit();
  report({ type: "released" });
  await pause(freeMs);
}
