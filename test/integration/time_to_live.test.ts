/**
 * Times to live with real parts: a database in a file, relays that die, brokers
 * that are told what remains.
 */

import {
  type Clock,
  createDeadLetters,
  createOutbox,
  createRelay,
  defineEvent,
  systemClock,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { connect, connectAsync } from "mqtt";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import * as v from "valibot";
import {
  type BusinessDatabase,
  createBusinessDatabase,
} from "../support/business_database.ts";
import { eventually } from "../support/eventually.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";
import { relayProgram } from "../support/processes.ts";
import {
  type ScriptedBroker,
  startScriptedBroker,
} from "../support/scripted_broker.ts";

const startRelay = relayProgram();

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** For a busy machine: what may pass between two steps of a test, in s. */
const SLACK_S = 120;

/** An event that says itself how long it is of use. */
const noticed = defineEvent("noticed", {
  schema: v.object({ name: v.string(), ttlMs: v.nullable(v.number()) }),
  topic: ({ name }) => `notices/${name}`,
  key: ({ name }) => name,
  ttlMs: ({ ttlMs }) => ttlMs,
});

/** Enqueues one message for each name, with its time to live. */
async function enqueue(
  { client }: BusinessDatabase,
  clock: Clock,
  lives: Readonly<Record<string, number | null>>,
): Promise<void> {
  const outbox = createOutbox({ storage: libsqlStorage(client), clock });
  const tx = await client.transaction("write");
  const drafts = Object.entries(lives)
    .map(([name, ttlMs]) => noticed({ name, ttlMs }));
  await outbox.enqueue(tx, ...drafts);
  await tx.commit();
}

/** The machine's clock, whose wall clock can be set. */
class SettableClock implements Clock {
  readonly #system = systemClock();
  aheadMs = 0;
  nowMs = (): number => this.#system.nowMs() + this.aheadMs;
  monotonicMs = (): number => this.#system.monotonicMs();
  sleep: Clock["sleep"] = (ms, signal) => this.#system.sleep(ms, signal);
  turn = (): Promise<void> => this.#system.turn();
}

/** By topic: the Message Expiry Interval of each message that went out, in s. */
const intervals = ({ published }: ScriptedBroker) =>
  published.map(({ topic, properties }) => [
    topic,
    properties?.messageExpiryInterval,
  ]);

async function deadUrl(): Promise<string> {
  const broker = await startScriptedBroker();
  await broker.close();
  return broker.url;
}

async function brokerAt(url: string): Promise<ScriptedBroker> {
  const port = Number(new URL(url).port);
  const broker = await startScriptedBroker({ port });
  onTestFinished(() => broker.close());
  return broker;
}

test("a relay that starts after others died knows what is of use, and for how long", async () => {
  const database = await createBusinessDatabase();
  const clock = new SettableClock();
  clock.aheadMs = -2 * HOUR_MS;
  const lives = { brief: HOUR_MS, long: 3 * HOUR_MS, endless: null };
  await enqueue(database, clock, lives);
  const url = await deadUrl();
  // Others take over from the dead.
  const quick = { leaseMs: 1_000 };
  for (let death = 1; death <= 2; death++) {
    const relay = await startRelay();
    relay.tell({ path: database.path, url, relay: quick });
    await relay.heard("transport.unavailable", 0);
    await relay.kill();
  }
  expect(await database.backlog(), "nothing expires in an outage").toBe(3);

  const broker = await brokerAt(url);
  const relay = await startRelay();
  relay.tell({ path: database.path, url, relay: quick });
  await database.drained();
  expect(intervals(broker)).toEqual([
    ["notices/long", expect.toSatisfy(within(HOUR_MS))],
    ["notices/endless", undefined],
  ]);
  await using letters = createDeadLetters({
    storage: libsqlStorage(database.client),
  });
  const [expired, ...more] = await letters.expired();
  expect(more).toEqual([]);
  expect(expired?.message.topic).toBe("notices/brief");
  const text = new TextDecoder().decode(expired?.message.payload);
  expect(JSON.parse(text)).toEqual({ name: "brief", ttlMs: HOUR_MS });
  expect(relay.all("message.expired")).toHaveLength(1);
});

/** Whether so many seconds are what remains of a time, not long ago. */
const within = (ttlMs: number) => (seconds: number) =>
  seconds <= ttlMs / 1_000 && seconds > ttlMs / 1_000 - SLACK_S;

describe("a wall clock that is set during an outage", () => {
  test.for(
    [
      ["two weeks ahead", 14 * DAY_MS],
      ["ten years ahead", 3_650 * DAY_MS],
      ["two weeks back", -14 * DAY_MS],
      ["to 1970", -Date.now()],
    ] as const,
  )("%s expires nothing", async ([, jumpMs]) => {
    const database = await createBusinessDatabase();
    const clock = new SettableClock();
    const url = await deadUrl();
    const relay = createRelay({
      storage: libsqlStorage(database.path),
      transport: mqttTransport(url),
      clock,
      reconnectBaseMs: 10,
      reconnectCapMs: 10,
    });
    const running = relay.run();
    const seen = () => {
      const { link } = relay.status();
      const first = link.kind === "waiting" ? link.tries : 0;
      return eventually(() => {
        const { link } = relay.status();
        return link.kind === "waiting" && link.tries > first + 3;
      }, "a relay that looked at the clock");
    };
    await enqueue(database, clock, { before: DAY_MS });
    await seen();
    clock.aheadMs = jumpMs;
    await seen();
    await enqueue(database, clock, { between: DAY_MS });
    await seen();
    clock.aheadMs = 0;
    await seen();
    await enqueue(database, clock, { after: DAY_MS });
    await seen();

    const broker = await brokerAt(url);
    await database.drained();
    const { counters, expired } = relay.status();
    expect([counters.expired, expired]).toEqual([0, 0]);
    const remaining = expect.toSatisfy(within(DAY_MS));
    expect(intervals(broker).sort()).toEqual([
      ["notices/after", remaining],
      ["notices/before", remaining],
      ["notices/between", remaining],
    ]);
    await relay.stop();
    await running;
  });
});

test("the broker drops what expires while a consumer is away, and tells others what remains", async ({ skip }) => {
  skip(withoutMosquitto, "mosquitto is not installed");
  const { url, stop } = await startMosquitto();
  onTestFinished(stop);
  const consumer = (clientId: string) =>
    connectAsync(url, {
      clientId,
      protocolVersion: 5,
      clean: false,
      properties: { sessionExpiryInterval: 600 },
    });
  const away = await consumer("away");
  await away.subscribeAsync("#", { qos: 1 });
  await away.endAsync();
  const there = await consumer("there");
  onTestFinished(() => there.endAsync(true));
  const told = new Map<string, number | undefined>();
  there.on("message", (topic, _, { properties }) => {
    told.set(topic, properties?.messageExpiryInterval);
  });
  await there.subscribeAsync("#", { qos: 1 });

  const database = await createBusinessDatabase();
  const lives = { brief: 1_500, long: HOUR_MS, endless: null };
  await enqueue(database, systemClock(), lives);
  await using relay = createRelay({
    storage: libsqlStorage(database.path),
    transport: mqttTransport(url),
  });
  await relay.drain();
  await eventually(() => told.size >= 3, "all messages");
  expect(told.get("notices/brief")).toBeLessThanOrEqual(2);
  expect(told.get("notices/long")).toSatisfy(within(HOUR_MS));
  expect(told.get("notices/endless")).toBeUndefined();

  // The broker counts in whole seconds.
  await pause(3_500);
  const late: string[] = [];
  const back = connect(url, {
    clientId: "away",
    protocolVersion: 5,
    clean: false,
  });
  onTestFinished(() => back.endAsync(true));
  back.on("message", (topic) => late.push(topic));
  await eventually(() => late.length >= 2, "what is still of use");
  expect(late).toEqual(["notices/long", "notices/endless"]);
});
