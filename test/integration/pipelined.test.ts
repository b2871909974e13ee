/**
 * Pipelined order on real parts: a libSQL file, MQTT over TCP, and a broker
 * that refuses the third of five, or hangs up on it.
 */

import { createClient } from "@libsql/client";
import {
  createOutbox,
  createRelay,
  defineEvent,
  exponentialRetry,
  type RelayEvent,
  type RelayOptions,
} from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import {
  type HistoryEntry,
  isFlawless,
  judgeHistory,
} from "@mailboat/outbox/testing";
import { join } from "node:path";
import * as v from "valibot";
import { expect, onTestFinished, test } from "vitest";
import { temporaryFolder } from "../storage/rig.ts";
import { eventually } from "../support/eventually.ts";
import { brokerWith } from "../support/mqtt_rig.ts";
import type { Answer } from "../support/scripted_broker.ts";

const read = defineEvent("meter.read", {
  schema: v.object({ n: v.number() }),
  topic: () => "meters/m-1",
  key: () => "m-1",
});

/** The broker refuses it, perhaps not for ever, and for good. */
const UNAVAILABLE_FOR_NOW = 0x83;
const PAYLOAD_FORMAT_INVALID = 0x99;
const ACCEPTED = 0;

/** An outbox with messages 1 to `count`, and a broker that answers by the rule. */
async function meter(
  count: number,
  rule: (n: number, attempt: number) => Answer,
  options: Partial<RelayOptions> = {},
) {
  const path = join(temporaryFolder(), "app.db");
  const client = createClient({ url: `file:${path}` });
  onTestFinished(() => client.close());
  await client.execute("PRAGMA journal_mode=WAL");
  const storage = libsqlStorage(client);
  await storage.migrate();
  const outbox = createOutbox({ storage });
  const tx = await client.transaction("write");
  for (let n = 1; n <= count; n++) await outbox.enqueue(tx, read({ n }));
  await tx.commit();

  /** What the broker took, as a subscriber would see it. */
  const taken: number[] = [];
  const history = committedHistory(count);
  const attempts = new Map<number, number>();
  let cutAt = 0;
  const broker = await brokerWith({
    answer: ({ payload }) => {
      // Nobody reads what comes behind a cut on the same connection.
      if (cutAt === broker.connects.length) return "cut";
      const { n } = JSON.parse(String(payload));
      const attempt = (attempts.get(n) ?? 0) + 1;
      attempts.set(n, attempt);
      const answer = rule(n, attempt);
      if (answer === "cut") cutAt = broker.connects.length;
      if (answer === ACCEPTED || answer === "hold" || answer === "cut") {
        taken.push(n);
        history.push({ type: "received", ...messageOf(n) });
      } else if (typeof answer === "number") {
        history.push({ type: "refused", id: messageOf(n).id });
      }
      return answer;
    },
  });
  const events: RelayEvent[] = [];
  const relay = createRelay({
    storage: libsqlStorage(path),
    transport: mqttTransport(broker.url),
    order: "pipelined",
    retry: exponentialRetry({ baseMs: 100, capMs: 100 }),
    reconnectBaseMs: 20,
    observe: (event) => {
      events.push(event);
      if (event.type === "lane.rewound") {
        const { repeated: duplicates } = event;
        history.push({ type: "fault", kind: "rewound", duplicates });
      } else if (event.type === "transport.lost") {
        const { inFlight: duplicates } = event;
        history.push({ type: "fault", kind: "lost", duplicates });
      }
    },
    ...options,
  });
  onTestFinished(() => relay.stop({ graceMs: 0 }));
  const verdict = () =>
    judgeHistory([...history, { type: "end" }], { order: "pipelined" });
  /** The sequences of what is neither recorded as delivered nor dead. */
  const left = async () => {
    const store = await storage.open();
    const { messages } = await store.readLane({
      key: "m-1",
      after: 0,
      upTo: count,
      limit: count,
      maxBytes: 1e9,
    });
    await store.close();
    return messages.map(({ seq }) => seq);
  };
  return { broker, relay, events, taken, verdict, left };
}

test("the third of five is refused: 1 2 4 5, then 3 4 5", async () => {
  const { relay, events, taken, verdict, left } = await meter(
    5,
    (n, attempt) => n === 3 && attempt === 1 ? UNAVAILABLE_FOR_NOW : ACCEPTED,
  );
  const running = relay.run();
  await eventually(
    () => events.some(({ type }) => type === "lane.rewound"),
    "the rewind",
  );
  expect(taken).toEqual([1, 2, 4, 5]);
  await eventually(() => events.some(isOfFailure), "the record of the refusal");
  // The broker took 4 and 5, and they are not recorded as delivered.
  expect(await left()).toEqual([3, 4, 5]);
  await eventually(() => delivered(events) === 5, "five deliveries");
  await relay.stop();
  await running;
  console.info(`the third refused: ${taken.join(" ")}`);
  expect(taken).toEqual([1, 2, 4, 5, 3, 4, 5]);
  expect(await left()).toEqual([]);
  expect(events.filter(({ type }) => type === "lane.rewound")).toMatchObject([
    { key: "m-1", from: 3, count: 2, repeated: 2, code: "MQTT_0x83" },
  ]);
  expect(events.filter(({ type }) => type === "transport.lost")).toEqual([]);
  expect(verdict()).toMatchObject({ duplicates: 2, duplicatesAllowed: 2 });
  expect(isFlawless(verdict())).toBe(true);
});

test("the connection is cut under the third of five: 3 4 5 go again", async () => {
  const { relay, events, taken, verdict, left } = await meter(
    5,
    (n, attempt) => n === 3 && attempt === 1 ? "cut" : ACCEPTED,
  );
  const running = relay.run();
  await eventually(() => delivered(events) === 5, "five deliveries");
  await relay.stop();
  await running;
  console.info(`cut under the third: ${taken.join(" ")}`);
  // The broker hung up before it said that it had taken the third.
  expect(taken.slice(0, 3)).toEqual([1, 2, 3]);
  expect(taken.slice(-3)).toEqual([3, 4, 5]);
  expect(taken.length).toBeGreaterThan(5);
  expect(await left()).toEqual([]);
  expect(events.filter(({ type }) => type === "transport.lost"))
    .toHaveLength(1);
  expect(isFlawless(verdict())).toBe(true);
});

test("the third of five dies: its lane is held, and 4 and 5 wait with it", async () => {
  const { relay, events, taken, left } = await meter(
    5,
    (n) => n === 3 ? PAYLOAD_FORMAT_INVALID : ACCEPTED,
  );
  const running = relay.run();
  await eventually(() => events.some(isOfFailure), "the record of the death");
  expect(relay.status().held).toMatchObject({ count: 1, heads: [{ seq: 3 }] });
  await relay.stop();
  await running;
  expect(taken).toEqual([1, 2, 4, 5]);
  expect(await left()).toEqual([4, 5]);
  expect(delivered(events)).toBe(2);
});

test("sixteen of one key are on their way, and refusals among 200 repeat no more than those", async () => {
  const { broker, relay, events, taken, verdict } = await meter(
    200,
    (n, attempt) =>
      n <= 16
        ? "hold"
        : n % 40 === 0 && attempt === 1
        ? UNAVAILABLE_FOR_NOW
        : ACCEPTED,
    { laneWindow: 16, retry: exponentialRetry({ baseMs: 5, capMs: 5 }) },
  );
  const running = relay.run();
  await eventually(() => taken.length === 16, "a full lane");
  expect(relay.status()).toMatchObject({ order: "pipelined", inFlight: 16 });
  broker.release();
  await eventually(() => delivered(events) === 200, "all deliveries");
  await relay.stop();
  await running;
  expect(broker.peak).toBe(16);
  const { duplicates } = verdict();
  console.info(
    `five refusals among 200: ${taken.length} copies, ${duplicates} repeated`,
  );
  expect(isFlawless(verdict())).toBe(true);
  expect(duplicates).toBeLessThanOrEqual(5 * 15);
});

function committedHistory(count: number): HistoryEntry[] {
  const messages = Array.from({ length: count }, (_, at) => messageOf(at + 1));
  return [
    { type: "intended", tx: "t", messages },
    { type: "committed", tx: "t" },
  ];
}

function messageOf(n: number) {
  return { id: `m${n}`, key: "m-1", position: n };
}

function delivered(events: readonly RelayEvent[]): number {
  return events.filter(({ type }) => type === "message.delivered").length;
}

function isOfFailure(event: RelayEvent): boolean {
  return event.type === "settled" && event.failed > 0;
}
