/**
 * The consumer, as something to call with hostile arguments.
 *
 * @module
 */

import * as core from "@mailboat/outbox";
import { drizzleTransactions } from "@mailboat/outbox/drizzle";
import { libsqlTransactions } from "@mailboat/outbox/libsql";
import {
  libsqlRemoteStorage,
  libsqlRemoteTransactions,
} from "@mailboat/outbox/libsql/remote";
import { mqttConsumer, mqttSubscriber } from "@mailboat/outbox/mqtt";
import {
  createMemoryStorage,
  createMemorySubscriber,
} from "@mailboat/outbox/testing";
import { anything } from "../support/schemas.ts";
import { hostileUrl, loose, mutated } from "./hostile_arguments.ts";
import { hostileValue } from "./hostile_values.ts";
import type { Subject } from "./subjects.ts";

const CONSUMER = [
  "consumer",
  "subscriber",
  "storage",
  "database",
  "handlers",
  "inbox",
  "observe",
  "concurrency",
  "transactions",
  "maxAttempts",
  "maxLetters",
  "retryBaseMs",
  "retryCapMs",
  "slowHandlerMs",
  "graceMs",
  "clock",
  "random",
];
const SUBSCRIBER = [
  "topics",
  "window",
  "maxPacketBytes",
  "sessionMs",
  "protocol",
  "clientId",
  "username",
  "password",
  "credentials",
  "keepAliveMs",
  "reasonCodes",
  "redirects",
];

const read = core.defineEvent("meter.read", {
  schema: anything(),
  topic: "meters",
});

/** Making one, alone and over MQTT. */
export function consumerSubjects(): [string, Subject][] {
  const storage = createMemoryStorage();
  const handlers = (on: core.OnEvent<unknown>) => [on(read, () => {})];
  const good = {
    consumer: "c",
    subscriber: createMemorySubscriber(),
    storage,
    database: storage,
    handlers,
  };
  const mqtt = { topics: ["meters/#"] };
  return [
    [
      "createConsumer",
      (random) => loose(core.createConsumer)(mutated(random, good, CONSUMER)),
    ],
    ["on", (random) => {
      const handlers = (on: core.OnEvent<unknown>) => [
        random.chance(0.5)
          ? loose(on)(hostileValue(random), () => {})
          : loose(on)(read, hostileValue(random)),
      ];
      return core.createConsumer({ ...good, handlers });
    }],
    ["letters", async (random) => {
      await storage.migrate();
      const consumer = core.createConsumer(good);
      const value = hostileValue(random);
      await loose(consumer)[random.pick(["letters", "retry", "discard"])](
        value,
      );
    }],
    [
      "mqttSubscriber",
      (random) =>
        loose(mqttSubscriber)(
          random.chance(0.3) ? hostileUrl(random) : "mqtt://127.0.0.1",
          mutated(random, mqtt, SUBSCRIBER),
        ),
    ],
    [
      "mqttConsumer",
      (random) =>
        loose(mqttConsumer)(
          "mqtt://127.0.0.1",
          mutated(random, { ...good, mqtt }, [...CONSUMER, "mqtt"]),
        ),
    ],
    ["createMemorySubscriber", (random) => {
      const { createMemorySubscriber: create } = { createMemorySubscriber };
      return loose(create)(mutated(random, {}, ["window"]));
    }],
    [
      "libsqlTransactions",
      (random) => loose(libsqlTransactions)(hostileValue(random)),
    ],
    ["libsqlRemoteStorage", (random) =>
      loose(libsqlRemoteStorage)(
        mutated(random, server(), ["protocol", "execute", "batch"]),
        mutated(random, {}, ["prefix", "answerTimeoutMs"]),
      )],
    ["libsqlRemoteTransactions", (random) =>
      loose(libsqlRemoteTransactions)(
        mutated(random, server(), ["protocol", "transaction", "batch"]),
        mutated(random, {}, ["clock", "random", "prefix", "inquiryTimeoutMs"]),
      )],
    [
      "drizzleTransactions",
      (random) => loose(drizzleTransactions)(hostileValue(random)),
    ],
    ["createTurns", (random) => {
      const parts = {
        begin: () => Promise.resolve(),
        isBusy: () => false,
        options: random.chance(0.5)
          ? hostileValue(random)
          : { beginTimeoutMs: hostileValue(random) },
      };
      return loose(core.createTurns)(parts);
    }],
  ];
}

/** What looks like a client of a server. */
function server() {
  const call = () => Promise.resolve();
  return { protocol: "http", execute: call, batch: call, transaction: call };
}
