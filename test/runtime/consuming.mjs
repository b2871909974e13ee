/**
 * What a user of the package does, in plain JavaScript, on the other side:
 * consumes from a broker into a SQLite file, and answers in the same
 * transaction.
 *
 * Runs in a project of its own: `node consuming.mjs BROKER_URL`.
 */

import { createClient } from "@libsql/client";
import { createOutbox, createRelay, defineEvent } from "@mailboat/outbox";
import { libsqlStorage, libsqlTransactions } from "@mailboat/outbox/libsql";
import { mqttConsumer, mqttTransport } from "@mailboat/outbox/mqtt";
import { argv } from "node:process";

const url = argv[2];
const client = createClient({ url: "file:smoke.db" });
await client.execute("PRAGMA journal_mode = WAL");
await client.execute("CREATE TABLE step (name TEXT)");
const storage = libsqlStorage(client);
await storage.migrate();
const database = libsqlTransactions(client);
const outbox = createOutbox({ storage });

const schema = {
  "~standard": {
    version: 1,
    vendor: "smoke",
    validate: (value) => ({ value }),
  },
};
const asked = defineEvent("smoke.asked", {
  schema,
  topic: () => "smoke/asked",
  key: ({ name }) => name,
});
const answered = defineEvent("smoke.answered", {
  schema,
  topic: () => "smoke/answered",
  key: ({ name }) => name,
});

const subscribed = promiseAndResolve();
const done = promiseAndResolve();
const note = (tx, name) =>
  tx.execute({ sql: "INSERT INTO step VALUES (?)", args: [name] });
const consumer = mqttConsumer(url, {
  consumer: "smoke",
  mqtt: { topics: ["smoke/+"] },
  storage,
  database,
  observe: ({ type, message }) => {
    if (type === "transport.connected") subscribed.resolve();
    if (type === "message.handled" && message.event === "smoke.answered") {
      done.resolve();
    }
  },
  handlers: (on) => [
    on(asked, async (tx, { data: { name } }) => {
      await note(tx, `asked ${name}`);
      await outbox.enqueue(tx, answered({ name }));
    }),
    on(answered, (tx, { data: { name } }) => note(tx, `answered ${name}`)),
  ],
});
const consuming = consumer.run();
await subscribed.promise;

const relay = createRelay({
  storage,
  transport: mqttTransport(url, { source: "/smoke" }),
});
const relaying = relay.run();
await database.transaction((tx) => outbox.enqueue(tx, asked({ name: "a" })));
await done.promise;
await consumer.stop();
await consuming;
await relay.stop();
await relaying;

const { rows } = await client.execute("SELECT name FROM step ORDER BY rowid");
const { handled, failed } = consumer.status().counters;
client.close();
console.log(
  JSON.stringify({ steps: rows.map(({ name }) => name), handled, failed }),
);

/** Node 20 has no `Promise.withResolvers`. */
function promiseAndResolve() {
  let resolve;
  const promise = new Promise((done) => resolve = done);
  return { promise, resolve };
}
