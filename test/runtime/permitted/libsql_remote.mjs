import { createClient } from "@libsql/client/web";
import { createOutbox } from "@mailboat/outbox";
import { libsqlRemoteStorage } from "@mailboat/outbox/libsql/remote";
import { printDrained, sampled } from "./drained.mjs";

const client = createClient({ url: Deno.args[1] });
const storage = libsqlRemoteStorage(client);
await storage.migrate();
const tx = await client.transaction("write");
await createOutbox({ storage }).enqueue(tx, sampled({ n: 1 }));
await tx.commit();
await printDrained(storage);
