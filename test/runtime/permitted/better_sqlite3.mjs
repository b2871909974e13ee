import { createOutbox } from "@mailboat/outbox";
import { betterSqlite3Storage } from "@mailboat/outbox/better-sqlite3";
import Database from "better-sqlite3";
import { printDrained, printWoken, sampled } from "./drained.mjs";

const db = new Database("app.db");
db.pragma("journal_mode = WAL");
const storage = betterSqlite3Storage(db);
await storage.migrate();
const outbox = createOutbox({ storage });
db.transaction(() => void outbox.enqueue(db, sampled({ n: 1 }))).immediate();
await printDrained(storage);
if (Deno.args.includes("watch")) {
  await printWoken(storage, () => db.pragma("user_version = 1"));
}
