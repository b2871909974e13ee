/**
 * A process that commits a reading and its message, over and over, and says so:
 * `writer.ts DRIVER PATH COUNT`. Whoever is its parent may kill it.
 *
 * @module
 */

import { createOutbox } from "@mailboat/outbox";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { type DriverName, isDriver, loadDriver } from "./driver.ts";
import { meterRead } from "./rig.ts";

const [name, path, count] = process.argv.slice(2) as [string, string, string];
const driver = await loadDriver(name as DriverName);
if (!isDriver(driver)) throw new Error(`It needs ${driver.needs}`);

const db = driver.open(path);
db.exec("PRAGMA busy_timeout = 10000");
const storage = driver.storage(db);
const outbox = createOutbox({ storage });
const insert = db.prepare("INSERT INTO business (id) VALUES (?)");

for (let n = 0; n < Number(count); n++) {
  const draft = meterRead({ meter: `m-${n % 3}`, n });
  const [receipt] = storage.transaction((tx) => {
    const receipts = outbox.enqueue(tx, draft);
    insert.run(receipts[0]?.id);
    return receipts;
  });
  console.log(receipt?.id);
  // The parent reads what is written only when this lets go.
  if (n % 10 === 9) await pause(1);
}
