/**
 * Three times in the life of a sensor: the broker is there, out of reach, and
 * there again.
 *
 * `bun examples/bun_sensor/main.ts [BROKER_URL]`; without a URL the broker is
 * one in this process.
 *
 * @module
 */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { arrivals } from "../stage/arrivals.ts";
import { startEmbeddedBroker } from "../stage/embedded_broker.ts";
import { measurementSchema, topic, wake } from "./sensor.ts";

/** Nothing listens there. */
const outOfReach = "mqtt://127.0.0.1:1";

const [brokerUrl] = process.argv.slice(2);
const broker = brokerUrl === undefined ? await startEmbeddedBroker() : null;
const url = brokerUrl ?? broker!.url;
const arriving = await arrivals(url, topic, measurementSchema);

const folder = mkdtempSync(join(tmpdir(), "mailboat-sensor-"));
let sent = 0;
for (const way of [url, outOfReach, url]) {
  const { reason, delivered } = await wake(join(folder, "sensor.db"), way);
  console.log(`awake: ${delivered} sent, then ${reason}`);
  sent += delivered;
}

for await (const { number, celsius } of arriving) {
  console.log(`arrived: ${number}, ${celsius} °C`);
  if (number === sent) break;
}
await broker?.stop();
rmSync(folder, { recursive: true });
