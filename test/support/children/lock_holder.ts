/** Holds the write lock of a database for 20 ms of every 25 ms. */

import { createClient } from "@libsql/client";
import { setTimeout as pause } from "node:timers/promises";
import { nextOrder, report } from "./parent.ts";

const { path } = await nextOrder<{ readonly path: string }>();
const client = createClient({ url: `file:${path}`, timeout: 5_000 });
void nextOrder();

for (let round = 0;; round++) {
  const tx = await client.transaction("write");
  if (round === 0) report({ type: "held" });
  await pause(20);
  await tx.commit();
  await pause(5);
}
