/**
 * What a user of the package does, in plain JavaScript: stores one message in
 * a SQLite file with its business row, and delivers it to a broker, compressed.
 *
 * Runs in a project of its own: `node consumer.mjs BROKER_URL`.
 */

import { createClient } from "@libsql/client";
import {
  createOutbox,
  createRelay,
  decodeEvent,
  defineEvent,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import mqtt from "mqtt";
import { argv } from "node:process";

const url = argv[2];
const client = createClient({ url: "file:smoke.db" });
await client.execute("PRAGMA journal_mode = WAL");
await client.execute("CREATE TABLE reading (meter TEXT, kwh REAL)");

const subscriber = await mqtt.connectAsync(url, { protocolVersion: 5 });
await subscriber.subscribeAsync("meters/#", { qos: 1 });
const arrival = new Promise((resolve) =>
  subscriber.once(
    "message",
    (topic, payload, { properties }) => resolve({ topic, payload, properties }),
  )
);

const meterRead = defineEvent("meter.read", {
  schema: {
    "~standard": {
      version: 1,
      vendor: "smoke",
      validate: (value) => ({ value }),
    },
  },
  topic: ({ meter }) => `meters/${meter}`,
  key: ({ meter }) => meter,
});
const storage = libsqlStorage(client);
await storage.migrate();
const outbox = createOutbox({ storage });

const tx = await client.transaction("write");
await tx.execute("INSERT INTO reading VALUES ('m-1', 4.2)");
const note = "read by hand ".repeat(400);
await outbox.enqueue(tx, meterRead({ meter: "m-1", kwh: 4.2, note }));
await tx.commit();

const transport = mqttTransport(url, { compress: {} });
const relay = createRelay({ storage, transport });
const { delivered } = await relay.drain({ budgetMs: 10_000 });
await relay.stop();
const { topic, payload, properties } = await arrival;
const { event } = await decodeEvent({ payload, properties });
await subscriber.endAsync();
client.close();
const { kwh, ...reading } = JSON.parse(new TextDecoder().decode(event.data));
console.log(JSON.stringify({
  delivered,
  topic,
  kwh,
  isWhole: reading.note === note,
  isSmall: payload.length < note.length / 10,
}));
