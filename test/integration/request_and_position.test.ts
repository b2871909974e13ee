/**
 * What an event asks and tells, from its definition to a subscriber: where to
 * answer, with what, and which of its key it is.
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
import { connectAsync } from "mqtt";
import { join } from "node:path";
import * as v from "valibot";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../storage/rig.ts";
import { eventually } from "../support/eventually.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";

const TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

const asked = defineEvent("price.asked", {
  schema: v.object({ meter: v.string(), n: v.number() }),
  topic: ({ meter }) => `prices/${meter}`,
  key: ({ meter }) => meter,
  responseTopic: ({ meter }) => `prices/${meter}/answers`,
  position: true,
});

async function subscriber(url: string) {
  const client = await connectAsync(url, { protocolVersion: 5 });
  onTestFinished(() => client.endAsync(true));
  const decoded: ReturnType<typeof decodeEvent>[] = [];
  client.on("message", (_, payload, { properties = {} }) => {
    decoded.push(decodeEvent({ payload, properties }));
  });
  await client.subscribeAsync("prices/+", { qos: 1 });
  return decoded;
}

test(
  "a subscriber knows where to answer, and which of its key it has",
  async ({ skip }) => {
    skip(withoutMosquitto, "mosquitto is not installed");
    const broker = await startMosquitto();
    onTestFinished(() => broker.stop());
    const client = createClient({
      url: `file:${join(temporaryFolder(), "app.db")}`,
    });
    onTestFinished(() => client.close());
    await client.execute("PRAGMA journal_mode=WAL");
    const storage = libsqlStorage(client);
    await storage.migrate();
    const outbox = createOutbox({ storage });
    const decoded = await subscriber(broker.url);

    for (let n = 1; n <= 3; n++) {
      const tx = await client.transaction("write");
      await outbox.enqueue(
        tx,
        asked({ meter: "m-1", n }, {
          headers: [["traceparent", TRACEPARENT], ["site", "north"]],
          correlationData: Uint8Array.of(n, 0, 255),
        }),
      );
      // What is undone asks nobody, and takes no position.
      if (n === 2) await tx.rollback();
      else await tx.commit();
    }
    const transport = mqttTransport(broker.url);
    const relay = createRelay({ storage, transport });
    await relay.drain();
    await relay.stop();
    await eventually(() => decoded.length === 2, "both messages");

    const common = {
      key: "m-1",
      responseTopic: "prices/m-1/answers",
      headers: { traceparent: TRACEPARENT, site: "north" },
    };
    const bytes = (n: number) => Buffer.from([n, 0, 255]);
    expect(await Promise.all(decoded)).toMatchObject([
      { event: { ...common, position: 1, correlationData: bytes(1) } },
      { event: { ...common, position: 2, correlationData: bytes(3) } },
    ]);
  },
);
