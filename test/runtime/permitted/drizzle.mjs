import { createClient } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { drizzle } from "drizzle-orm/libsql";
import { printDrained, printWoken, sampled } from "./drained.mjs";

const client = createClient({ url: "file:app.db" });
const db = drizzle({ client });
await db.run("PRAGMA journal_mode = WAL");
const storage = drizzleStorage(db, libsqlStorage(client));
await storage.migrate();
const outbox = createOutbox({ storage });
await db.transaction((tx) => outbox.enqueue(tx, sampled({ n: 1 })));
await printDrained(storage);
if (Deno.args.includes("watch")) {
  await printWoken(storage, () => db.run("PRAGMA user_version = 1"));
}
