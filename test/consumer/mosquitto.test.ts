import { createClient } from "@libsql/client";
import { createOutbox, createRelay, defineEvent } from "@mailboat/outbox";
import { libsqlStorage, libsqlTransactions } from "@mailboat/outbox/libsql";
import { mqttConsumer, mqttTransport } from "@mailboat/outbox/mqtt";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as v from "valibot";
import { describe, expect, it, onTestFinished } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";

const meterRead = defineEvent("meter.read", {
  schema: v.object({ meter: v.string(), kwh: v.number() }),
  topic: (event) => `meters/${event.meter}`,
  key: (event) => event.meter,
});

async function database() {
  const folder = mkdtempSync(join(tmpdir(), "mailboat-consumer-"));
  const client = createClient({ url: `file:${join(folder, "app.db")}` });
  onTestFinished(() => {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  await client.execute("PRAGMA journal_mode=WAL");
  await client.execute("CREATE TABLE reading (meter, kwh)");
  const storage = libsqlStorage(client);
  await storage.migrate();
  return { client, storage };
}

describe.skipIf(withoutMosquitto)("a consumer at Mosquitto", () => {
  for (const protocol of [5, 4] as const) {
    it(`handles each message once and in order, over MQTT ${protocol}`, async () => {
      const broker = await startMosquitto();
      onTestFinished(() => broker.stop());
      const producer = await database();
      const consumer = await database();
      const make = () =>
        mqttConsumer(broker.url, {
          consumer: "billing",
          mqtt: { topics: ["meters/#"], protocol },
          storage: consumer.storage,
          database: libsqlTransactions(consumer.client),
          handlers: (on) => [
            on(meterRead, async (tx, { data }) => {
              await tx.execute({
                sql: "INSERT INTO reading VALUES (?, ?)",
                args: [data.meter, data.kwh],
              });
            }),
          ],
        });
      const first = make();
      const running = first.run();
      await eventually(
        () => first.status().link.kind === "connected",
        "the connection",
      );
      const outbox = createOutbox({ storage: producer.storage });
      for (let n = 1; n <= 50; n++) {
        const tx = await producer.client.transaction("write");
        await outbox.enqueue(
          tx,
          meterRead({ meter: "m-1", kwh: n }),
          meterRead({ meter: "m-2", kwh: n }),
        );
        await tx.commit();
        if (n === 25) {
          await first.stop();
          await running;
        }
      }
      const relay = createRelay({
        storage: producer.storage,
        transport: mqttTransport(broker.url, { protocol }),
      });
      await relay.drain();
      const second = make();
      const again = second.run();
      await eventually(
        () => second.status().counters.handled === 100,
        "100 handled",
      );
      await second.stop();
      await again;
      const { rows } = await consumer.client.execute(
        "SELECT meter, kwh FROM reading ORDER BY rowid",
      );
      for (const meter of ["m-1", "m-2"]) {
        const kwh = rows.filter((row) => row["meter"] === meter)
          .map((row) => row["kwh"]);
        expect(kwh).toEqual(Array.from({ length: 50 }, (_, at) => at + 1));
      }
    });
  }
});
