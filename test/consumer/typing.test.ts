/**
 * What compiles: transactions where they are asked for, and handlers that fit
 * their event.
 */

import type { Client, Transaction } from "@libsql/client";
import { createConsumer, defineEvent, type Subscriber } from "@mailboat/outbox";
import { drizzleStorage, drizzleTransactions } from "@mailboat/outbox/drizzle";
import { libsqlStorage, libsqlTransactions } from "@mailboat/outbox/libsql";
import { mqttConsumer } from "@mailboat/outbox/mqtt";
import { drizzle } from "drizzle-orm/libsql";
import { integer, sqliteTable } from "drizzle-orm/sqlite-core";
import * as v from "valibot";
import { expectTypeOf, test } from "vitest";
import { meterRead } from "./consumer_rig.ts";

const readings = sqliteTable("readings", { kwh: integer() });
const meterMoved = defineEvent("meter.moved", {
  // What goes in and what comes out differ: handlers get what comes out.
  schema: v.object({
    meter: v.string(),
    room: v.pipe(v.string(), v.transform(Number)),
  }),
  topic: ({ meter }) => `meters/${meter}`,
});
const consumer = "billing";
const mqtt = { topics: ["meters/#"] };

/** Never called: it is enough that it compiles. */
function libsqlFits(client: Client, tx: Transaction, subscriber: Subscriber) {
  const storage = libsqlStorage(client);
  const database = libsqlTransactions(client, { beginTimeoutMs: 1_000 });
  const handlers = () => [];
  createConsumer({ consumer, subscriber, storage, database, handlers });
  // @ts-expect-error a client runs no work in its transactions
  createConsumer({ consumer, subscriber, storage, database: client, handlers });
  // @ts-expect-error nor does one of its transactions
  libsqlTransactions(tx);
  // @ts-expect-error a drizzle database is no client
  libsqlTransactions(drizzle({ client }));
  mqttConsumer("mqtt://127.0.0.1", {
    consumer,
    mqtt,
    storage,
    // @ts-expect-error a client runs no work in its transactions
    database: client,
    handlers,
  });
}

/** Never called. */
function drizzleFits(client: Client) {
  const db = drizzle({ client, schema: { readings } });
  mqttConsumer("mqtt://127.0.0.1", {
    consumer,
    mqtt,
    storage: drizzleStorage(db, libsqlStorage(client)),
    // @ts-expect-error transactions of a bare database take no turns
    database: db,
    handlers: () => [],
  });
  mqttConsumer("mqtt://127.0.0.1", {
    consumer,
    mqtt,
    storage: drizzleStorage(db, libsqlStorage(client)),
    database: drizzleTransactions(db),
    handlers: (on) => [
      on(meterRead, async (tx, { data }) => {
        await tx.insert(readings).values({ kwh: data.kwh });
        await tx.query.readings.findFirst();
        // @ts-expect-error no such table
        await tx.query.rooms.findFirst();
      }),
    ],
  });
  mqttConsumer("mqtt://127.0.0.1", {
    consumer,
    mqtt,
    // @ts-expect-error the storage takes other transactions
    storage: libsqlStorage(client),
    database: drizzleTransactions(db),
    handlers: () => [],
  });
  // @ts-expect-error a client is no drizzle database
  drizzleTransactions(client);
}

/** Never called. */
function eventsReachTheirHandlers(client: Client) {
  mqttConsumer("mqtt://127.0.0.1", {
    consumer,
    mqtt,
    storage: libsqlStorage(client),
    database: libsqlTransactions(client),
    handlers: (on) => [
      on(meterRead, (tx, { id, data }) => {
        expectTypeOf(tx).toEqualTypeOf<Transaction>();
        expectTypeOf(id).toEqualTypeOf<string>();
        expectTypeOf(data).toEqualTypeOf<{ meter: string; kwh: number }>();
      }),
      on(meterMoved, {
        prepare: ({ data }) => Promise.resolve({ from: data.room }),
        act: (_, { data }, prepared) => {
          expectTypeOf(data.room).toEqualTypeOf<number>();
          expectTypeOf(prepared).toEqualTypeOf<{ from: number }>();
        },
      }),
      // @ts-expect-error a handler of another event
      on(meterMoved, (_: Transaction, event: { data: { kwh: number } }) => {
        void event;
      }),
      on(meterRead, (_, { data }) => {
        // @ts-expect-error no such field
        void data.room;
      }),
      // @ts-expect-error a handler of another database's transactions
      on(meterRead, (tx: { insert(table: string): void }) => {
        tx.insert("readings");
      }),
      // @ts-expect-error both steps or none
      on(meterRead, { prepare: () => 1 }),
      // @ts-expect-error a name is no event definition
      on("meter.read", () => {}),
    ],
  });
}

test("consumers that fit compile, others do not", () => {
  expectTypeOf(libsqlFits).toBeFunction();
  expectTypeOf(drizzleFits).toBeFunction();
  expectTypeOf(eventsReachTheirHandlers).toBeFunction();
});
