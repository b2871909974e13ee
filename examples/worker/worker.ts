/**
 * A worker that takes readings: a request stores one with its message in D1,
 * and a schedule drains the outbox to a broker, over MQTT on a WebSocket.
 *
 * @module
 */

import { createOutbox, createRelay, defineEvent } from "@mailboat/outbox";
import { type D1Answer, d1Storage } from "@mailboat/outbox/d1";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import * as v from "valibot";

/** A statement, as `@cloudflare/workers-types` has it. */
interface D1PreparedStatement {
  bind(...values: readonly unknown[]): D1PreparedStatement;
  all(): Promise<D1Answer>;
}

/** A database, as `@cloudflare/workers-types` has it. */
interface D1Database {
  prepare(query: string): D1PreparedStatement;
  batch(statements: D1PreparedStatement[]): Promise<readonly D1Answer[]>;
}

/** The bindings of the worker. */
interface Env {
  readonly DB: D1Database;
  /** `wss://broker.example/mqtt`. */
  readonly BROKER: string;
}

const readingSchema = v.object({ meter: v.string(), kwh: v.number() });

const meterRead = defineEvent("meter.read", {
  schema: readingSchema,
  topic: ({ meter }) => `meters/${meter}`,
  key: ({ meter }) => meter,
});

export default {
  /** `PUT` makes the tables, once per deployment; `POST` stores a reading. */
  async fetch(request: Request, { DB }: Env): Promise<Response> {
    const storage = d1Storage(DB);
    if (request.method === "PUT") {
      await DB.batch([
        DB.prepare("CREATE TABLE IF NOT EXISTS reading (meter TEXT, kwh REAL)"),
      ]);
      await storage.migrate();
      return new Response(null, { status: 204 });
    }
    const reading = v.parse(readingSchema, await request.json());
    const outbox = createOutbox({ storage });
    const { statements } = await outbox.prepare(meterRead(reading));
    await DB.batch([
      DB.prepare("INSERT INTO reading VALUES (?, ?)")
        .bind(reading.meter, reading.kwh),
      ...statements,
    ]);
    return new Response(null, { status: 202 });
  },

  /** Delivers what is stored; what does not fit into the budget goes next time. */
  async scheduled(_: unknown, { DB, BROKER }: Env): Promise<void> {
    await using relay = createRelay({
      storage: d1Storage(DB),
      transport: mqttTransport(BROKER, {
        source: "/workers/meters",
        protocol: 4,
      }),
      leaseMs: 5_000,
    });
    const { reason, delivered } = await relay.drain({ budgetMs: 20_000 });
    console.log(`${delivered} delivered, then: ${reason}`);
  },
};
