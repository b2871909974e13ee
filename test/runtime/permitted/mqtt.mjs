import { createOutbox } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { createMemoryStorage } from "@mailboat/outbox/testing";
import { printDrained, sampled } from "./drained.mjs";

const memory = createMemoryStorage();
await memory.migrate();
const tx = memory.begin();
await createOutbox({ storage: memory }).enqueue(tx, sampled({ n: 1 }));
tx.commit();
await printDrained(memory, mqttTransport(Deno.args[0]));
