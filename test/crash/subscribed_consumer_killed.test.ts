/**
 * A consumer of a broker is killed, over and over, while messages flow.
 */

import { createOutbox, createRelay } from "@mailboat/outbox";
import { libsqlStorage, libsqlTransactions } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { createSeededRandom } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { startAedes } from "../support/aedes_broker.ts";
import {
  type BusinessDatabase,
  createBusinessDatabase,
} from "../support/business_database.ts";
import {
  effectWanted,
  type SubscribedOrder,
  type SubscribedReport,
} from "../support/children/subscribed_orders.ts";
import type { Child } from "../support/child.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";
import { program } from "../support/program.ts";

const KILLS = 30;
const KEYS = 12;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);
const HANDLED_WITHIN_MS = 30_000;

type ConsumerProcess = Child<SubscribedOrder, SubscribedReport>;

const startConsumer = program<SubscribedOrder, SubscribedReport>(
  "subscribed_consumer",
);

// Neither lowers the window nor drops what waits for the consumer.
const config = ["max_inflight_messages 0", "max_queued_messages 0"];

test.for(
  [
    {
      name: "an embedded broker",
      start: startAedes,
      protocol: 4,
      // To a session that is resumed it sends what is new while it still
      // empties what it kept: the order is lost before anybody receives it.
      keepsOrder: false,
      isExternal: false,
    },
    {
      name: "Mosquitto",
      start: () => startMosquitto({ config }),
      protocol: 5,
      keepsOrder: true,
      isExternal: true,
    },
  ] as const,
)(
  `a consumer of $name, killed ${KILLS} times, has written each row once (seed ${SEED})`,
  { timeout: 120_000 },
  async ({ start, protocol, keepsOrder, isExternal }, { skip }) => {
    skip(isExternal && withoutMosquitto, "mosquitto is not installed");
    const broker = await start();
    onTestFinished(() => broker.stop());
    const database = await effectDatabase();
    const { path } = database;
    const order = { path, url: broker.url, protocol, seed: SEED };

    const first = await startConsumer();
    first.tell(order);
    await first.heard("connected", 0);
    const producer = await producerFor(broker.url, protocol);
    const { lives, undone } = await killOver(first, order);
    const wanted = await producer.end();
    await handled(database, wanted);

    const effects = await effectsOf(database);
    const all = (type: SubscribedReport["type"]) =>
      lives.flatMap((life) => life.all(type));
    const duplicates = all("duplicate").length;
    console.info(
      `${KILLS} kills, ${undone} of them before a commit: ${effects.length} rows ` +
        `of ${wanted.length} messages, ${duplicates} delivered again`,
    );
    expect(effects.map(({ id }) => id).sort(), `seed ${SEED}`)
      .toEqual([...wanted].sort());
    expect(all("failed")).toEqual([]);
    if (keepsOrder) {
      for (let key = 0; key < KEYS; key++) {
        const numbers = effects.filter((row) => row.key === `k${key}`)
          .map(({ n }) => n);
        expect(numbers, `k${key}, seed ${SEED}`)
          .toEqual(numbers.map((_, at) => at + 1));
      }
      expect(all("disorder")).toEqual([]);
    }
    // Kills that never hit anything under way would prove nothing.
    expect(undone).toBeGreaterThan(0);
    expect(duplicates).toBeGreaterThan(0);
  },
);

async function effectDatabase(): Promise<BusinessDatabase> {
  const database = await createBusinessDatabase();
  await database.client.execute(
    "CREATE TABLE effect (id TEXT, key TEXT, n INTEGER)",
  );
  return database;
}

/** A service that writes without a pause until it is told to end. */
async function producerFor(url: string, protocol: 4 | 5) {
  const { client, drained } = await createBusinessDatabase();
  const storage = libsqlStorage(client);
  const outbox = createOutbox({ storage });
  const relay = createRelay({
    storage,
    transport: mqttTransport(url, { protocol, source: "/producer" }),
  });
  const relaying = relay.run();
  const database = libsqlTransactions(client);
  const numbers = new Map<string, number>();
  const ids: string[] = [];
  const random = createSeededRandom(SEED + 1);
  let isEnding = false;
  const writing = (async () => {
    while (!isEnding) {
      await database.transaction(async (tx) => {
        const key = `k${random.integer(0, KEYS - 1)}`;
        const n = (numbers.get(key) ?? 0) + 1;
        numbers.set(key, n);
        const id = outbox.newId();
        await outbox.enqueue(tx, effectWanted({ key, n }, { id }));
        ids.push(id);
      });
      await pause(random.integer(5, 15));
    }
  })();
  return {
    /** Resolves with what was sent, in order, once the broker has it all. */
    async end(): Promise<readonly string[]> {
      isEnding = true;
      await writing;
      await drained();
      await relay.stop();
      await relaying;
      return ids;
    },
  };
}

/** Kills one after the other; the last one lives on. */
async function killOver(first: ConsumerProcess, order: SubscribedOrder) {
  const random = createSeededRandom(SEED);
  const lives = [first];
  let undone = 0;
  let next = startConsumer();
  for (let kill = 0; kill < KILLS; kill++) {
    const consumer = lives.at(-1)!;
    if (random.chance(0.8)) {
      await consumer.heard("written", random.integer(0, 15));
    }
    await pause(random.integer(0, 3));
    await consumer.kill();
    const written = consumer.all("written").at(-1)?.id;
    const isDone = consumer.all("handled").some(({ id }) => id === written);
    if (written !== undefined && !isDone) undone += 1;
    const following = await next;
    following.tell({ ...order, seed: order.seed + kill });
    lives.push(following);
    if (kill + 1 < KILLS) next = startConsumer();
  }
  return { lives, undone };
}

/** Resolves when every message has had an effect, or time is over. */
async function handled(
  database: BusinessDatabase,
  wanted: readonly string[],
): Promise<void> {
  const deadlineMs = performance.now() + HANDLED_WITHIN_MS;
  while (performance.now() < deadlineMs) {
    const ids = new Set((await effectsOf(database)).map(({ id }) => id));
    if (wanted.every((id) => ids.has(id))) break;
    await pause(50);
  }
  // Whatever would come twice has the time to.
  await pause(500);
}

async function effectsOf({ client }: BusinessDatabase) {
  const { rows } = await client.execute(
    "SELECT id, key, n FROM effect ORDER BY rowid",
  );
  return rows.map(({ id, key, n }) => ({
    id: String(id),
    key: String(key),
    n: Number(n),
  }));
}
