/**
 * A topic that strangers publish to, at a real broker: what is no event is set
 * aside with its bytes, and what comes behind it is handled.
 */

import { createClient } from "@libsql/client";
import { defineEvent } from "@mailboat/outbox";
import { libsqlStorage, libsqlTransactions } from "@mailboat/outbox/libsql";
import { mqttConsumer } from "@mailboat/outbox/mqtt";
import { connectAsync, type IClientPublishOptions } from "mqtt";
import { join } from "node:path";
import * as v from "valibot";
import { expect, onTestFinished, test } from "vitest";
import { eventually } from "../support/eventually.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";
import { temporaryFolder } from "../storage/rig.ts";

const meterRead = defineEvent("meter.read", {
  schema: v.object({ meter: v.string(), kwh: v.number() }),
  topic: (event) => `meters/${event.meter}`,
  key: (event) => event.meter,
});

type Properties = NonNullable<IClientPublishOptions["properties"]>;

/** What a stranger publishes. */
interface Strange {
  readonly what: string;
  readonly payload: Uint8Array;
  readonly properties?: Properties;
  /** The code of the letter. */
  readonly code: string;
}

const utf8 = (text: string) => new TextEncoder().encode(text);

/** An event in binary mode. */
const attributes = {
  specversion: "1.0",
  id: "strange-1",
  source: "/strange",
  type: "meter.read",
};

const binary = (more: Readonly<Record<string, string | string[]>>) => ({
  contentType: "application/json",
  userProperties: { ...attributes, ...more },
});

const reading = utf8('{"meter":"m-1","kwh":1}');

const strange: readonly Strange[] = [
  {
    what: "bytes that are no text, without a property",
    payload: Uint8Array.of(0xff, 0, 0xc0, 0x80),
    code: "UNDECODABLE",
  },
  {
    what: "nothing at all",
    payload: new Uint8Array(),
    code: "UNDECODABLE",
  },
  {
    what: "JSON that is no event",
    payload: reading,
    properties: { contentType: "application/json" },
    code: "UNDECODABLE",
  },
  {
    what: "an event whose JSON ends too early",
    payload: utf8('{"specversion":"1.0","id":"a'),
    properties: { contentType: "application/cloudevents+json" },
    code: "UNDECODABLE",
  },
  {
    what: "an event of another version",
    payload: reading,
    properties: binary({ specversion: "0.3" }),
    code: "UNDECODABLE",
  },
  {
    what: "an event without an id",
    payload: reading,
    properties: binary({ id: "" }),
    code: "UNDECODABLE",
  },
  {
    what: "an event in an encoding that nobody knows",
    payload: reading,
    properties: binary({ contentencoding: "br" }),
    code: "UNDECODABLE",
  },
  {
    what: "an event whose data the schema refuses",
    payload: utf8('{"meter":"m-1","kwh":"many"}'),
    properties: binary({ id: "strange-2" }),
    code: "INVALID_PAYLOAD",
  },
  {
    what: "an event whose data is no JSON",
    payload: utf8('{"meter":'),
    properties: binary({ id: "strange-3" }),
    code: "INVALID_PAYLOAD",
  },
];

test("a consumer sets aside what is no event with its bytes, and goes on", async ({ skip }) => {
  skip(withoutMosquitto, "mosquitto is not installed");
  const { url, stop } = await startMosquitto();
  onTestFinished(stop);
  const path = join(temporaryFolder(), "app.db");
  const client = createClient({ url: `file:${path}` });
  onTestFinished(() => client.close());
  await client.execute("PRAGMA journal_mode=WAL");
  await client.execute("CREATE TABLE reading (id)");
  const storage = libsqlStorage(client);
  await storage.migrate();
  const consumer = mqttConsumer(url, {
    consumer: "billing",
    mqtt: { topics: ["meters/#"] },
    storage,
    database: libsqlTransactions(client),
    handlers: (on) => [
      on(meterRead, async (tx, { id }) => {
        await tx.execute({
          sql: "INSERT INTO reading VALUES (?)",
          args: [id],
        });
      }),
    ],
  });
  const running = consumer.run();
  await eventually(
    () => consumer.status().link.kind === "connected",
    "the connection",
  );

  const stranger = await connectAsync(url, { protocolVersion: 5 });
  onTestFinished(() => stranger.endAsync(true));
  const publish = (payload: Uint8Array, properties: Properties = {}) =>
    stranger.publishAsync("meters/x", Buffer.from(payload), {
      qos: 1,
      properties,
    });
  for (const { payload, properties } of strange) {
    await publish(payload, properties);
  }
  // Of a property that repeats, the first one counts.
  await publish(reading, binary({ id: ["good-1", "good-2"] }));
  await publish(reading, binary({ id: "good-3" }));
  await eventually(
    () => consumer.status().counters.handled === 2,
    "what can be handled",
  );

  const letters = await consumer.letters();
  expect(letters).toHaveLength(strange.length);
  // Without a key they are in no order.
  for (const { what, code, payload } of strange) {
    expect(letters, what)
      .toContainEqual(expect.objectContaining({ code, payload }));
  }
  for (const { topic, reason } of letters) {
    expect(topic).toBe("meters/x");
    expect(reason).not.toBe("");
  }
  const { rows } = await client.execute("SELECT id FROM reading");
  expect(rows.map((row) => row["id"]).sort())
    .toEqual(["good-1", "good-3"]);
  await consumer.stop();
  await running;
});
