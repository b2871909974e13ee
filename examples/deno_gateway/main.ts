/**
 * A gateway on Deno, inside Deno's sandbox: it reads three meters, writes each
 * reading and its message in one transaction, and delivers over MQTT.
 *
 * `deno task example:gateway [BROKER_URL]`; without a URL the broker is one in
 * this process.
 *
 * @module
 */

import { createOutbox, createRelay, defineEvent } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { nodeSqliteStorage } from "@mailboat/outbox/node-sqlite";
import { mkdirSync } from "node:fs";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as pause } from "node:timers/promises";
import * as v from "valibot";
import { arrivals } from "../stage/arrivals.ts";
import { startEmbeddedBroker } from "../stage/embedded_broker.ts";

/** The only folder that the gateway may read and write. */
const FOLDER = "examples/deno_gateway/data";
const METERS = ["m-1", "m-2", "m-3"];
const ROUNDS = 10;
const ROUND_MS = 100;

const readingSchema = v.object({
  meter: v.string(),
  round: v.number(),
  kwh: v.number(),
});

/** Readings of one meter share its key: they arrive in the order of their commits. */
const meterRead = defineEvent("meter.read", {
  schema: readingSchema,
  topic: (event) => `meters/${event.meter}`,
  key: (event) => event.meter,
});

mkdirSync(FOLDER, { recursive: true });
const db = new DatabaseSync(`${FOLDER}/gateway.db`);
db.exec("PRAGMA journal_mode = WAL");
db.exec(
  "CREATE TABLE IF NOT EXISTS readings (meter TEXT, round INTEGER, kwh REAL)",
);
const storage = nodeSqliteStorage(db);
await storage.migrate();
const outbox = createOutbox({ storage });

const [brokerUrl] = process.argv.slice(2);
const broker = brokerUrl === undefined ? await startEmbeddedBroker() : null;
const url = brokerUrl ?? broker!.url;
const arriving = await arrivals(url, "meters/+", readingSchema);

const relay = createRelay({
  storage,
  // What every broker speaks, the embedded one included. MQTT 5, the default,
  // also tells why a message was refused.
  transport: mqttTransport(url, { source: "/deno-gateway", protocol: 4 }),
  // The gateway is the only relay: after a crash it need not wait for long.
  leaseMs: 2_000,
});
const relaying = relay.run();

const first = nextRound();
const last = first + ROUNDS - 1;
const sampling = sample();

const missing = new Set(METERS);
for await (const { meter, round, kwh } of arriving) {
  console.log(`${meter}, round ${round}: ${kwh} kWh`);
  if (round === last) missing.delete(meter);
  if (missing.size === 0) break;
}

await sampling;
await relay.stop();
await relaying;
await broker?.stop();
db.close();

/** Rounds go on counting where the last run ended. */
function nextRound(): number {
  const newest = db.prepare("SELECT max(round) AS round FROM readings").get();
  return Number(newest?.["round"] ?? 0) + 1;
}

async function sample(): Promise<void> {
  for (let round = first; round <= last; round++) {
    for (const meter of METERS) record(meter, round, round / 4);
    await pause(ROUND_MS);
  }
}

/** The row and its message: both, or neither. */
function record(meter: string, round: number, kwh: number): void {
  storage.transaction((tx) => {
    tx.prepare("INSERT INTO readings VALUES (?, ?, ?)").run(meter, round, kwh);
    outbox.enqueue(tx, meterRead({ meter, round, kwh }));
  });
}
