/**
 * The process of the service: its settings, and how it ends.
 *
 * `npm run example:service`, with `PORT`, `DATABASE` and `MQTT_URL` in the
 * environment. Without a broker's URL it brings one, and prints what arrives.
 *
 * @module
 */

import process from "node:process";
import { arrivals } from "../stage/arrivals.ts";
import { startEmbeddedBroker } from "../stage/embedded_broker.ts";
import { readingSchema } from "./readings.ts";
import { startService } from "./service.ts";

const { PORT = "8080", DATABASE = "readings.db", MQTT_URL } = process.env;

const broker = MQTT_URL === undefined ? await startEmbeddedBroker() : null;
if (broker !== null) await printArrivals(broker.url);
const service = await startService({
  file: DATABASE,
  port: Number(PORT),
  brokerUrl: MQTT_URL ?? broker!.url,
});
console.log(`POST readings to ${service.url}/readings`);

process.once("SIGTERM", stop);
process.once("SIGINT", stop);

async function stop(): Promise<void> {
  await service.stop();
  // A broker of its own, and its subscriber, would stay.
  process.exit();
}

/** Resolves when it has subscribed: what is sent before that is not heard. */
async function printArrivals(url: string): Promise<void> {
  const arriving = await arrivals(url, "meters/+", readingSchema);
  void (async () => {
    for await (const { meter, kwh } of arriving) {
      console.log(`${meter} arrived: ${kwh} kWh`);
    }
  })();
}
