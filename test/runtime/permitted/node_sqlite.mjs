import { createOutbox } from "@mailboat/outbox";
import { nodeSqliteStorage } from "@mailboat/outbox/node-sqlite";
import { DatabaseSync } from "node:sqlite";
import { printDrained, printWoken, sampled } from "./drained.mjs";

const db = new DatabaseSync("app.db");
db.exec("PRAGMA journal_mode = WAL");
const storage = nodeSqliteStorage(db);
await storage.migrate();
const outbox = createOutbox({ storage });
db.exec("BEGIN IMMEDIATE");
outbox.enqueue(db, sampled({ n: 1 }));
db.exec("COMMIT");
await printDrained(storage);
if (Deno.args.includes("watch")) {
  await printWoken(storage, () => db.exec("PRAGMA user_version = 1"));
}
