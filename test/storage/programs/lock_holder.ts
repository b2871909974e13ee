/** Holds the write lock of a database for 20 ms of every 25 ms. */

import { createClient } from "@libsql/client";
import { setTimeout as pause } from "node:timers/promises";

const [path] = process.argv.slice(2);
const client = createClient({ url: `file:${path}`, timeout: 5_000 });

for (let round = 0;; round++) {
  const tx = await client.transaction("write");
  await tx.execute("INSERT INTO note (text) VALUES ('held')");
  if (round === 0) console.log("ready");
  await pause(20);
  await tx.commit();
  await pause(5);
}
