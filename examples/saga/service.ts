/**
 * A service of the saga: a database, an outbox with its relay, and a consumer
 * with its inbox, all in one process.
 *
 * It may be killed at any instant. What it knows is in its database; what it
 * has not acknowledged, the broker delivers again; what its relay has not
 * recorded as sent is sent again, and the others' inboxes recognise it.
 *
 * @module
 */

import { type Client, createClient, type Transaction } from "@libsql/client";
import {
  type Clock,
  type Consumer,
  type ConsumerEvent,
  createOutbox,
  createRelay,
  type EventHandler,
  type OnEvent,
  type Outbox,
  type Relay,
  type RelayEvent,
  systemClock,
  type Transactions,
} from "@mailboat/outbox";
import {
  libsqlStorage,
  type LibsqlTransaction,
  libsqlTransactions,
} from "@mailboat/outbox/libsql";
import { mqttConsumer, mqttTransport } from "@mailboat/outbox/mqtt";
import process from "node:process";
import * as v from "valibot";
import { joinParent, type Parent } from "../stage/parent.ts";
import { type ServiceName, topicOf } from "./events.ts";
import type { Market } from "./market.ts";
import {
  type ServiceConfig,
  serviceConfig,
  type ServiceReport,
} from "./process_protocol.ts";
import { troubleOf } from "./trouble.ts";

/** Stores the events that a handler sends. */
export type SagaOutbox = Pick<Outbox<LibsqlTransaction>, "enqueue">;

/** What a service has to work with. */
export interface Tools {
  readonly client: Client;
  /** Transactions of this process, one at a time. */
  readonly database: Transactions<Transaction>;
  readonly outbox: SagaOutbox;
  readonly market: Market;
  readonly clock: Clock;
  /** Aborts when the service is to end. */
  readonly signal: AbortSignal;
}

/** What makes a service. */
export interface Service {
  readonly name: ServiceName;
  /** Whose events it handles. */
  readonly hears: readonly ServiceName[];
  /** Makes its tables, unless they are there. */
  setUp(client: Client, market: Market): Promise<void>;
  /** Says what it does about events, each time in one transaction. */
  handlers(
    on: OnEvent<Transaction>,
    outbox: SagaOutbox,
  ): readonly EventHandler<Transaction>[];
  /** What it does of its own accord. */
  work?(tools: Tools): Promise<void>;
}

// Killed services are to be back at once, and not in the fifteen seconds that
// a relay's lease lasts by default.
const LEASE_MS = 1_000;
const RECONNECT_CAP_MS = 500;
/** A broker need not keep the sessions of a saga for long after it. */
const SESSION_MS = 600_000;

/** Runs a service until its parent ends it. */
export async function runService(service: Service): Promise<void> {
  const { config, parent } = await joinParent<
    ServiceConfig,
    never,
    ServiceReport
  >({ config: serviceConfig, order: v.never() });
  const { databaseUrl, market } = config;
  const ending = new AbortController();
  const { signal } = ending;
  process.on("SIGTERM", () => ending.abort());

  const client = createClient({ url: databaseUrl });
  await client.execute("PRAGMA journal_mode = WAL");
  await service.setUp(client, market);
  const storage = libsqlStorage(client);
  await storage.migrate();
  const outbox = createOutbox({ storage });
  const database = libsqlTransactions(client);
  const line = { service, config, storage, database, outbox, parent };

  const relay = relayOf(line);
  const [consumer, subscribed] = consumerOf(line);
  const consuming = consumer.run({ signal });
  // A broker throws away what nobody has subscribed to: subscribe before
  // anything is sent that could be answered.
  await Promise.race([subscribed, consuming]);
  if (!signal.aborted) parent.report({ type: "ready" });
  const relaying = relay.run({ signal });
  const clock = systemClock();
  await service.work?.({ client, database, outbox, market, clock, signal });
  if (service.work && !signal.aborted) parent.report({ type: "done" });
  await Promise.all([consuming, relaying]);
  process.disconnect?.();
}

interface Line {
  readonly service: Service;
  readonly config: ServiceConfig;
  readonly storage: ReturnType<typeof libsqlStorage>;
  readonly database: Transactions<Transaction>;
  readonly outbox: SagaOutbox;
  readonly parent: Parent<never, ServiceReport>;
}

/** Sends what the outbox holds. */
function relayOf({ service, config, storage, parent }: Line): Relay {
  return createRelay({
    storage,
    transport: mqttTransport(config.brokerUrl, {
      source: `/${service.name}`,
      protocol: config.mqttVersion,
    }),
    leaseMs: LEASE_MS,
    reconnectCapMs: RECONNECT_CAP_MS,
    observe: (event) => {
      if (event.type === "message.delivered") parent.report({ type: "sent" });
      reportTrouble(event, parent);
    },
  });
}

/** Handles what the others send; the promise is kept when it first could. */
function consumerOf(
  { service, config, storage, database, outbox, parent }: Line,
): [Consumer, Promise<void>] {
  const { name, hears } = service;
  const { brokerUrl, mqttVersion, market: { shop } } = config;
  let onSubscribed = (): void => {};
  const subscribed = new Promise<void>((resolve) => onSubscribed = resolve);
  const consumer = mqttConsumer(brokerUrl, {
    consumer: name,
    mqtt: {
      topics: hears.map((other) => topicOf(shop, other)),
      // Names the session: the same after every restart.
      clientId: `${shop}-${name}`,
      sessionMs: SESSION_MS,
      protocol: mqttVersion,
    },
    storage,
    database,
    handlers: (on) => service.handlers(on, outbox),
    reconnectCapMs: RECONNECT_CAP_MS,
    observe: (event) => {
      if (event.type === "transport.connected") onSubscribed();
      if (event.type === "message.handled") parent.report({ type: "handled" });
      reportTrouble(event, parent);
    },
  });
  return [consumer, subscribed];
}

function reportTrouble(
  event: RelayEvent | ConsumerEvent,
  parent: Parent<never, ServiceReport>,
): void {
  const reason = troubleOf(event);
  if (reason !== null) parent.report({ type: "trouble", reason });
}
