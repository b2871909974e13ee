import { createClient } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { printDrained, printWoken, sampled } from "./drained.mjs";

const client = createClient({ url: "file:app.db" });
await client.execute("PRAGMA journal_mode = WAL");
const storage = libsqlStorage(client);
await storage.migrate();
const tx = await client.transaction("write");
await createOutbox({ storage }).enqueue(tx, sampled({ n: 1 }));
await tx.commit();
await printDrained(storage);
if (Deno.args.includes("watch")) {
  await printWoken(storage, () => client.execute("PRAGMA user_version = 1"));
}
