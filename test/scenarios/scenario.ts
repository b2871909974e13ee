/**
 * One scenario: the real relay and the real MQTT adapter over TCP, before a
 * broker whose troubles come from a seed.
 *
 * @module
 */

import {
  createDeadLetters,
  createOutbox,
  createRelay,
  defineEvent,
  exponentialRetry,
  type Relay,
  type RelayEvent,
  type SendOrder,
} from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import {
  createMemoryStorage,
  createSeededRandom,
  type HistoryEntry,
  isFlawless,
  judgeHistory,
} from "@mailboat/outbox/testing";
import * as v from "valibot";
import { fastClock } from "./fast_clock.ts";
import { startTroubledBroker, type TroubledBroker } from "./troubled_broker.ts";

/** What came of a scenario. */
export interface Outcome {
  /** Promises broken; empty when all is well. */
  readonly violations: readonly string[];
  /** What the broker did, by kind. */
  readonly done: Readonly<Record<string, number>>;
  readonly messages: number;
}

const FACTOR = 200;
const MAX_ATTEMPTS = 3;
/** How many of one key may be under way in pipelined order, which every second seed keeps to. */
const LANE_WINDOWS = [2, 4, 64];
/** Trouble lasts until so many times the messages were sent, or for so long in real time. */
const TROUBLED_ROUNDS = 2;
const TROUBLE_MS = 3_000;
/** Real time for everything to arrive after it. */
const CONVERGE_MS = 30_000;
const LOOK_MS = 10;

/** Runs one seed. */
export async function runScenario(seed: number): Promise<Outcome> {
  const random = createSeededRandom(seed);
  const order = seed % 2 === 0 ? "pipelined" : "strict";
  const history: HistoryEntry[] = [];
  const places = new Map<string, { key: string; position: number }>();
  const storage = createMemoryStorage();
  await storage.migrate();
  const trouble = await startTroubledBroker(
    random,
    random.pick([0.1, 0.3, 0.5]),
    {
      taken: (id) => {
        const place = places.get(id) ?? { key: "?", position: 0 };
        history.push({ type: "received", id, ...place });
      },
      refused: (id) => history.push({ type: "refused", id }),
    },
  );
  await enqueue(random, { storage, history, places });
  const deaths: Extract<RelayEvent, { type: "message.dead" }>[] = [];
  const relay = createRelay({
    storage,
    transport: mqttTransport(trouble.broker.url, {
      window: random.pick([1, 4, 64]),
    }),
    order,
    laneWindow: LANE_WINDOWS[seed % LANE_WINDOWS.length]!,
    clock: fastClock(FACTOR),
    random,
    retry: exponentialRetry({ baseMs: 100, maxAttempts: MAX_ATTEMPTS }),
    onDead: random.pick(["hold", "skip"] as const),
    observe: (event) => {
      if (event.type === "transport.lost") {
        const { failure: { code: kind }, inFlight } = event;
        history.push({ type: "fault", kind, duplicates: inFlight });
      } else if (event.type === "lane.rewound") {
        const { repeated: duplicates } = event;
        history.push({ type: "fault", kind: "rewound", duplicates });
      } else if (event.type === "message.dead") {
        deaths.push(event);
        const { message: { id }, held } = event;
        history.push({ type: "dead", id, held });
      }
    },
  });
  const running = relay.run();
  const { published } = trouble.broker;
  const endsMs = performance.now() + TROUBLE_MS;
  while (
    published.length < TROUBLED_ROUNDS * places.size &&
    performance.now() < endsMs && storage.snapshot().messages.length > 0
  ) await pause(LOOK_MS);
  trouble.heal();
  const left = await converge(storage, history);
  await relay.stop();
  await running;
  await trouble.broker.close();
  const violations = [
    ...judged(storage, history, order),
    ...unjust(deaths, trouble),
    ...(left ? ["not everything arrived in time"] : []),
    ...idle(relay),
  ];
  return { violations, done: trouble.done, messages: places.size };
}

interface Writing {
  readonly storage: ReturnType<typeof createMemoryStorage>;
  readonly history: HistoryEntry[];
  readonly places: Map<string, { key: string; position: number }>;
}

/** A handful of messages of a few keys, a transaction each. */
async function enqueue(
  random: ReturnType<typeof createSeededRandom>,
  { storage, history, places }: Writing,
): Promise<void> {
  const outbox = createOutbox({ storage, random });
  const qos = random.pick([1, 1, 2] as const);
  const event = defineEvent("e", {
    schema: v.object({ key: v.string() }),
    topic: ({ key }) => `t/${key}`,
    key: ({ key }) => key,
    qos,
  });
  const counts = new Map<string, number>();
  const keys = random.integer(1, 4);
  for (let n = random.integer(5, 30); n > 0; n--) {
    const key = `k${random.integer(1, keys)}`;
    const position = (counts.get(key) ?? 0) + 1;
    counts.set(key, position);
    const id = `m${places.size + 1}`;
    places.set(id, { key, position });
    const tx = storage.begin();
    history.push({
      type: "intended",
      tx: id,
      messages: [{ id, key, position }],
    });
    await outbox.enqueue(tx, event({ key }, { id }));
    tx.commit();
    history.push({ type: "committed", tx: id });
  }
}

/** An operator brings back what is dead until nothing is left; true when something is. */
async function converge(
  storage: Writing["storage"],
  history: HistoryEntry[],
): Promise<boolean> {
  await using letters = createDeadLetters({ storage });
  const endsMs = performance.now() + CONVERGE_MS;
  while (storage.snapshot().messages.length > 0) {
    if (performance.now() > endsMs) return true;
    for (const { message: { id } } of await letters.list()) {
      history.push({ type: "retried", id });
      await letters.retry({ id });
    }
    await pause(LOOK_MS);
  }
  return false;
}

function judged(
  storage: Writing["storage"],
  history: HistoryEntry[],
  order: SendOrder,
) {
  for (const { id } of storage.snapshot().messages) {
    history.push({ type: "remaining", id });
  }
  history.push({ type: "end" });
  const verdict = judgeHistory(history, { order });
  return isFlawless(verdict) ? [] : [JSON.stringify(verdict)];
}

/** Nobody dies of an outage: the broker refused it for good, often enough, or blamed it (G6). */
function unjust(
  deaths: readonly Extract<RelayEvent, { type: "message.dead" }>[],
  { dealings }: TroubledBroker,
): string[] {
  return deaths.flatMap(({ message: { id }, failure }) => {
    const { refused = 0, condemned = 0, blamed = 0 } = dealings.get(id) ?? {};
    const isJust = condemned > 0 || refused >= MAX_ATTEMPTS || blamed > 1;
    return isJust ? [] : [`${id} died of ${failure.code} without a cause`];
  });
}

function idle(relay: Relay): string[] {
  const { inFlight, unsettled } = relay.status();
  return inFlight + unsettled === 0 ? [] : ["stopped with messages in flight"];
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
