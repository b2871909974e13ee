/**
 * Runs the worker on this machine: readings come in as requests, the schedule
 * comes round, and a broker on a WebSocket has them all, in order.
 *
 * @module
 */

import process from "node:process";
import { startWebBroker } from "../stage/embedded_broker.ts";
import { startWorker } from "../stage/workerd.ts";

const published: string[] = [];
const broker = await startWebBroker((topic, payload) => {
  published.push(payload);
  console.log(`${topic} ${payload}`);
});
const worker = await startWorker({
  entry: "examples/worker/worker.ts",
  platform: {
    compatibilityFlags: ["nodejs_compat"],
    d1Databases: ["DB"],
    bindings: { BROKER: broker.url },
  },
});

await worker.dispatchFetch("http://meters/", { method: "PUT" });
for (let kwh = 1; kwh <= 5; kwh++) {
  const body = JSON.stringify({ meter: "m-1", kwh });
  await worker.dispatchFetch("http://meters/", { method: "POST", body });
}
console.log("5 readings are stored, with their messages; now the schedule");
const { scheduled } = await worker.getWorker();
await scheduled();
await worker.dispose();
broker.close();
if (published.length < 5) process.exitCode = 1;
