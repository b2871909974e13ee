/**
 * The public functions, each as something to call with hostile arguments.
 *
 * @module
 */

import * as core from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import {
  createFaultyStorage,
  createMemoryStorage,
  createMemoryTransport,
  createSeededRandom,
  createSyncMemoryStorage,
  createVirtualClock,
  type SeededRandom,
} from "@mailboat/outbox/testing";
import { anything } from "../support/schemas.ts";
import { codecSubjects } from "./codec_subjects.ts";
import { consumerSubjects } from "./consumer_subjects.ts";
import { driverSubjects } from "./driver_subjects.ts";
import {
  hostileUrl,
  type Loose,
  loose,
  mutated,
  optional,
} from "./hostile_arguments.ts";
import { hostileData, hostileValue } from "./hostile_values.ts";
import { inboxSubjects } from "./inbox_subjects.ts";
import { totalSubjects } from "./total_subjects.ts";

/** Calls one function once; what it throws is judged by the caller. */
export type Subject = (random: SeededRandom) => unknown;

/** What the subjects share. */
export interface SubjectsOptions {
  /** A migrated storage on a real file. */
  readonly storage: core.StorageBase;
  readonly deadLetters: core.DeadLetters;
}

const schema = anything();
const clock = core.systemClock();

const EVENT = [
  "schema",
  "topic",
  "key",
  "headers",
  "contentType",
  "qos",
  "retain",
  "onDead",
];
const OUTBOX = ["storage", "maxPayloadBytes", "limits", "clock", "random"];
const FILTER = ["id", "key", "topic", "all", "__proto__", "surplus"];
const RETRY = ["baseMs", "capMs", "maxAttempts"];
const RELAY = [
  "storage",
  "transport",
  "observe",
  "retry",
  "onDead",
  "leaseMs",
  "sendTimeoutMs",
  "connectTimeoutMs",
  "reconnectBaseMs",
  "reconnectCapMs",
  "pollMs",
  "readBatch",
  "readAheadBytes",
  "laneDepth",
  "burst",
  "settleBatch",
  "settleDelayMs",
  "settleIdleMs",
  "maxDeaths",
  "maxSetAside",
  "graceMs",
  "keepDeliveredMs",
  "keepDeliveredRows",
  "clock",
  "random",
];
const MQTT = [
  "protocol",
  "clientId",
  "username",
  "password",
  "credentials",
  "keepAliveMs",
  "reasonCodes",
  "redirects",
  "profile",
  "topicAliases",
  "window",
  "format",
  "compress",
  "source",
  "tls",
];
const TLS = [
  "ca",
  "cert",
  "key",
  "passphrase",
  "serverName",
  "alpn",
  "minVersion",
  "insecureSkipVerification",
  "certificateWarningMs",
  "clock",
];
const MEMORY = ["identity", "scanRows", "watch"];
const WIRE = ["clock", "name", "window", "connectMs", "arriveMs", "answer"];

/** The functions that throw typed refusals or work, and those that never throw, by name. */
export function subjectsOf(
  options: SubjectsOptions,
): ReadonlyMap<string, Subject> {
  return new Map<string, Subject>([
    ...writing(),
    ...relaying(),
    ...operating(options),
    ...connecting(),
    ...testing(),
    ...codecSubjects(),
    ...consumerSubjects(),
    ...inboxSubjects(),
    ...totalSubjects(),
  ]);
}

function writing(): [string, Subject][] {
  const memory = createMemoryStorage();
  return [
    ["defineEvent", (random) => {
      const name = random.chance(0.5) ? "e" : hostileValue(random);
      const good = { schema, topic: "t" };
      const make = loose(core.defineEvent)(name, mutated(random, good, EVENT));
      return make(hostileData(random), optional(random));
    }],
    ["createOutbox", (random) =>
      loose(core.createOutbox)(
        mutated(random, { storage: memory }, OUTBOX),
      ).newId()],
    ["checkedNumber", (random) =>
      core.checkedNumber({
        action: "test",
        option: "n",
        value: hostileValue(random) as number,
        default: 1,
        min: 0,
      })],
  ];
}

function relaying(): [string, Subject][] {
  const relayOptions = {
    storage: createMemoryStorage(),
    transport: createMemoryTransport({ clock }),
  };
  return [
    ["createRelay", async (random) => {
      const options = mutated(random, relayOptions, RELAY);
      const relay = loose(core.createRelay)(options);
      await relay.drain({ budgetMs: 2 });
      return relay.status();
    }],
    ["run", async (random) => {
      const relay: Loose = core.createRelay(relayOptions);
      const run = relay.run(mutated(random, {}, ["signal"]));
      await Promise.all([run, relay.stop({ graceMs: 0 })]);
    }],
    ["drain", async (random) => {
      const relay: Loose = core.createRelay(relayOptions);
      await relay.drain(mutated(random, {}, ["budgetMs", "signal"]));
    }],
    ["stop", async (random) => {
      const relay: Loose = core.createRelay(relayOptions);
      await relay.stop(mutated(random, {}, ["graceMs"]));
    }],
    [
      "exponentialRetry",
      (random) => loose(core.exponentialRetry)(mutated(random, {}, RETRY)),
    ],
  ];
}

function operating(
  { storage, deadLetters }: SubjectsOptions,
): [string, Subject][] {
  return [
    [
      "createDeadLetters",
      (random) =>
        loose(core.createDeadLetters)(
          mutated(random, { storage }, ["storage"]),
        ),
    ],
    ["list", (random) =>
      loose(deadLetters.list)(
        mutated(random, {}, FILTER),
        mutated(random, {}, ["after", "limit"]),
      )],
    [
      "retry",
      (random) =>
        loose(deadLetters.retry)(mutated(random, { id: "x" }, FILTER)),
    ],
    [
      "discard",
      (random) =>
        loose(deadLetters.discard)(mutated(random, { id: "x" }, FILTER)),
    ],
  ];
}

function connecting(): [string, Subject][] {
  return [
    ["libsqlStorage", (random) =>
      loose(libsqlStorage)(
        random.chance(0.5) ? "/nowhere/app.db" : hostileValue(random),
        mutated(random, {}, ["prefix"]),
      )],
    ["drizzleStorage", (random) =>
      loose(drizzleStorage)(
        mutated(random, { run: () => {} }, ["transaction", "run"]),
        random.chance(0.5) ? libsqlStorage("app.db") : hostileValue(random),
      )],
    ...driverSubjects(),
    ["mqttTransport", (random) =>
      loose(mqttTransport)(
        random.chance(0.5) ? "mqtt://127.0.0.1:1" : hostileUrl(random),
        mutated(random, {}, MQTT),
      )],
    [
      "mqttTransport with TLS",
      (random) =>
        loose(mqttTransport)("mqtts://127.0.0.1:1", {
          tls: mutated(random, {}, TLS),
        }),
    ],
    ["connect", async (random) => {
      const answer = hostileValue(random);
      const credentials = random.pick([
        () => answer,
        () => Promise.reject(answer),
        () => ({ tls: answer }),
        () => ({ tls: mutated(random, {}, TLS) }),
      ]);
      const url = random.pick(["mqtt://127.0.0.1:1", "mqtts://127.0.0.1:1"]);
      const transport = loose(mqttTransport)(url, { credentials });
      const { signal } = new AbortController();
      await transport.connect({ identity: "outbox1", signal });
    }],
  ];
}

function testing(): [string, Subject][] {
  const memory = createMemoryStorage();
  return [
    [
      "createMemoryStorage",
      (random) => loose(createMemoryStorage)(mutated(random, {}, MEMORY)),
    ],
    ["createSyncMemoryStorage", (random) => {
      const sync = createSyncMemoryStorage();
      const tx = sync.begin();
      const outbox: Loose = core.createOutbox({ storage: sync });
      const event = core.defineEvent("e", { schema, topic: "t" });
      const draft = random.chance(0.5) ? event(1) : hostileValue(random);
      return outbox.enqueue(random.chance(0.5) ? tx : draft, draft);
    }],
    [
      "createMemoryTransport",
      (random) =>
        loose(createMemoryTransport)(mutated(random, { clock }, WIRE)),
    ],
    ["createFaultyStorage", (random) =>
      loose(createFaultyStorage)(
        random.chance(0.5) ? memory : hostileValue(random),
        random.chance(0.5) ? () => "ok" : hostileValue(random),
      )],
    [
      "createSeededRandom",
      (random) => loose(createSeededRandom)(hostileValue(random)).fraction(),
    ],
    [
      "createVirtualClock",
      (random) => loose(createVirtualClock)(mutated(random, {}, ["startAtMs"])),
    ],
  ];
}
