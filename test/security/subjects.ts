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
import {
  hostileData,
  hostileHeaders,
  hostileText,
  hostileValue,
} from "./hostile_values.ts";

/** Calls one function once; what it throws is judged by the caller. */
export type Subject = (random: SeededRandom) => unknown;

/** What the subjects share. */
export interface SubjectsOptions {
  /** A migrated storage on a real file. */
  readonly storage: core.StorageBase;
  readonly deadLetters: core.DeadLetters;
}

/** A function of any shape: hostile arguments fit no type. */
// deno-lint-ignore no-explicit-any
type Loose = any;

const schema = {
  "~standard": {
    version: 1,
    vendor: "security",
    validate: (value: unknown) => ({ value }),
  },
} as const;

const clock = core.systemClock();

/** The functions that throw typed refusals or work, by name. */
export function subjectsOf(
  { storage, deadLetters }: SubjectsOptions,
): ReadonlyMap<string, Subject> {
  const memory = createMemoryStorage();
  const transport = createMemoryTransport({ clock });
  const relayOptions = { storage: memory, transport };
  return new Map<string, Subject>([
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
    ["libsqlStorage", (random) =>
      loose(libsqlStorage)(
        random.chance(0.5) ? "/nowhere/app.db" : hostileValue(random),
        mutated(random, {}, ["prefix"]),
      )],
    ["drizzleStorage", (random) =>
      loose(drizzleStorage)(
        mutated(random, { run: () => {} }, ["$client", "run"]),
        mutated(random, {}, ["prefix"]),
      )],
    ["mqttTransport", (random) =>
      loose(mqttTransport)(
        random.chance(0.5) ? "mqtt://127.0.0.1:1" : hostileUrl(random),
        mutated(random, {}, MQTT),
      )],
    ["connect", async (random) => {
      const answer = hostileValue(random);
      const credentials = random.chance(0.5)
        ? () => answer
        : () => Promise.reject(answer);
      const transport = loose(mqttTransport)("mqtt://127.0.0.1:1", {
        credentials,
      });
      const { signal } = new AbortController();
      await transport.connect({ identity: "outbox1", signal });
    }],
    [
      "exponentialRetry",
      (random) => loose(core.exponentialRetry)(mutated(random, {}, RETRY)),
    ],
    ["checkedNumber", (random) =>
      core.checkedNumber({
        action: "test",
        option: "n",
        value: hostileValue(random) as number,
        default: 1,
        min: 0,
      })],
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
    ...total(),
  ]);
}

/** The functions that never throw: they answer, whatever they are given. */
function total(): [string, Subject][] {
  return [
    ["shorten", (random) => demandText(core.shorten(hostileValue(random)))],
    ["reasonOf", (random) => demandText(core.reasonOf(hostileValue(random)))],
    ["fromBinary", (random) => {
      const properties = mutated(random, { userProperties: {} }, PROPERTIES);
      const payload = random.chance(0.5)
        ? new Uint8Array(1)
        : hostileValue(random);
      return decoded(
        loose(core.fromBinary)(
          random.chance(0.1) ? hostileValue(random) : { payload, properties },
        ),
      );
    }],
    ["fromStructured", (random) =>
      decoded(
        loose(core.fromStructured)(
          random.chance(0.3) ? hostileValue(random) : hostileJson(random),
        ),
      )],
    ["toBinary", (random) => core.toBinary(message(random), "/s").payload],
    ["toStructured", (random) => {
      const sent = message(random);
      return demandSame(
        core.fromStructured(core.toStructured(sent, "/s")),
        sent,
      );
    }],
  ];
}

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
const OUTBOX = ["storage", "maxPayloadBytes", "clock", "random"];
const FILTER = ["id", "key", "topic", "all", "__proto__", "surplus"];
const MEMORY = ["identity", "scanRows", "watch"];
const WIRE = ["clock", "name", "window", "connectMs", "arriveMs", "answer"];
const RETRY = ["baseMs", "capMs", "maxAttempts"];
const PROPERTIES = ["contentType", "userProperties"];
const MQTT = [
  "protocol",
  "clientId",
  "username",
  "password",
  "credentials",
  "keepAliveMs",
  "window",
  "format",
  "source",
];
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
  "maxSetAside",
  "graceMs",
  "keepDeliveredMs",
  "keepDeliveredRows",
  "clock",
  "random",
];

function loose(callee: unknown): Loose {
  return callee;
}

/** The good options with one of them hostile, or something else in their place. */
function mutated(
  random: SeededRandom,
  good: object,
  names: readonly string[],
): unknown {
  if (random.chance(0.15)) return hostileValue(random);
  const name = random.pick(names);
  const value = name === "headers" || name === "userProperties"
    ? hostileHeaders(random)
    : hostileValue(random);
  return Object.defineProperty({ ...good }, name, {
    value,
    enumerable: true,
    configurable: true,
    writable: true,
  });
}

function optional(random: SeededRandom): unknown {
  return random.chance(0.5) ? undefined : hostileValue(random);
}

function hostileUrl(random: SeededRandom): unknown {
  if (random.chance(0.3)) return hostileValue(random);
  const scheme = random.pick(["mqtt", "mqtts", "ws", "wss", "file", "http"]);
  return `${scheme}://${hostileText(random)}:${hostileText(random)}@${
    random.pick(["127.0.0.1", "[::1]", "", "\u0000", "a b", "xn--"])
  }:${random.pick(["1883", "0", "-1", "99999", "x"])}${hostileText(random)}`;
}

function hostileJson(random: SeededRandom): Uint8Array {
  const envelope = {
    specversion: "1.0",
    id: hostileText(random),
    source: "/s",
    type: "e",
    [random.pick(["id", "data", "data_base64", "sequence", "x", "time"])]:
      random.pick([null, 1, true, "x", "====", [], {}, hostileText(random)]),
  };
  const bytes = new TextEncoder().encode(
    random.chance(0.05) ? deepEnvelope() : JSON.stringify(envelope),
  );
  if (random.chance(0.3)) {
    bytes[random.integer(0, bytes.length - 1)] = random.integer(0, 255);
  }
  return bytes;
}

/** Nested deeper than a recursion goes. */
function deepEnvelope(): string {
  const depth = 20_000;
  return `{"specversion":"1.0","id":"x","source":"/s","type":"e","data":${
    "[".repeat(depth)
  }${"]".repeat(depth)}}`;
}

/** A message such as a store might return, its texts as bad as they come. */
function message(random: SeededRandom): core.Message {
  const headers = random.chance(0.5) ? {} : { h: hostileText(random) };
  return {
    seq: random.integer(1, 2 ** 31),
    id: "m-1",
    event: "e",
    topic: "t",
    key: random.chance(0.5)
      ? null
      : Buffer.from(hostileText(random)).toString(),
    payload: random.bytes(random.integer(0, 64)),
    contentType: random.pick(["application/json", "text/plain", "x"]),
    headers,
    qos: 1,
    retain: false,
    onDead: null,
    enqueuedAtMs: random.pick([0, NaN, -1, 8.64e15, 1e300, 1.5]),
  };
}

function demandText(text: string): void {
  if (typeof text === "string" && text.length <= 300) return;
  throw new Error("It gave no short text");
}

function decoded(event: core.DecodedEvent): void {
  if (event.kind === "malformed") return demandText(event.reason);
  const { headers } = event.event;
  if (Object.getPrototypeOf(headers) === null) return;
  throw new Error("The headers have a prototype");
}

function demandSame(arrived: core.DecodedEvent, sent: core.Message): void {
  const same = arrived.kind === "event" && arrived.event.id === sent.id &&
    arrived.event.key === sent.key && arrived.event.seq === sent.seq;
  if (!same) throw new Error(`Another event: ${JSON.stringify(arrived)}`);
}
