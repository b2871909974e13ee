/**
 * The whole way: from a transaction to a broker, and from a broker into a
 * transaction.
 *
 * @module
 */

import {
  type ConsumerEvent,
  createConsumer,
  createRelay,
  type StorageBase,
  systemClock,
} from "@mailboat/outbox";
import {
  type ConformanceCase,
  createMemorySubscriber,
  createMemoryTransport,
} from "@mailboat/outbox/testing";
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { isBusy } from "../../adapters/sqlite/errors.ts";
import type { Driver } from "./driver.ts";
import { meterRead, type Rig, withRig } from "./rig.ts";

export function deliveryCases(driver: Driver): readonly ConformanceCase[] {
  const test = withRig.bind(null, driver);
  return [
    test("relay: delivers what was enqueued, in order", (rig) =>
      requireDelivery(rig, rig.storage)),
    test("relay: delivers what is in the file at a path", (rig) =>
      requireDelivery(rig, driver.storageAt(rig.path))),
    test("consumer: handles each message once, with its row", consuming),
    test("transactions: wait for a lock without blocking", waiting),
    test("transactions: roll back what throws", async (rig) => {
      const transactions = driver.transactions(rig.path);
      const oops = new Error("oops");
      await assert.rejects(
        transactions.transaction(async (tx) => {
          tx.exec("INSERT INTO business VALUES ('x')");
          await pause(1);
          throw oops;
        }),
        oops,
      );
      await transactions.transaction(async (tx) => {
        await tx.exec("INSERT INTO business VALUES ('y')");
      });
      transactions.close();
      transactions.close();
      assert.equal(rig.rows(), 1);
    }),
  ];
}

async function requireDelivery(rig: Rig, storage: StorageBase): Promise<void> {
  const { outbox } = rig;
  const transport = createMemoryTransport({ clock: systemClock() });
  const ids = rig.storage.transaction((tx) =>
    outbox.enqueue(
      tx,
      ...Array.from({ length: 50 }, (_, n) => meterRead({ meter: "m-1", n })),
    )
  ).map(({ id }) => id);
  const relay = createRelay({ storage, transport });
  assert.equal((await relay.drain()).delivered, 50);
  assert.deepEqual(transport.received.map(({ message }) => message.id), ids);
  assert.deepEqual(await rig.ids(), []);
}

async function consuming(rig: Rig): Promise<void> {
  const { driver, storage, path } = rig;
  const subscriber = createMemorySubscriber({ window: 10 });
  const database = driver.transactions(path);
  const events: ConsumerEvent[] = [];
  const consumer = createConsumer({
    consumer: "billing",
    subscriber,
    storage,
    database,
    handlers: (on) => [
      on(meterRead, async (tx, { id }) => {
        await tx.prepare("INSERT INTO business VALUES (?)").run(id);
        await pause(1);
      }),
    ],
    observe: (event) => events.push(event),
  });
  const running = consumer.run();
  for (let n = 0; n < 20; n++) {
    subscriber.publish(reading(`m-${n % 10}`));
  }
  const { counters } = consumer.status();
  const deadlineMs = performance.now() + 10_000;
  while (rig.rows() < 10 && performance.now() < deadlineMs) await pause(5);
  await pause(50);
  await consumer.stop();
  await running;
  database.close();
  assert.equal(rig.rows(), 10, JSON.stringify({ counters, events }));
}

function reading(id: string) {
  return {
    topic: "meters/m-1",
    payload: new TextEncoder().encode('{"meter":"m-1","n":1}'),
    properties: {
      contentType: "application/json",
      userProperties: {
        specversion: "1.0",
        id,
        source: "/gateway",
        type: "meter.read",
      },
    },
  };
}

async function waiting(rig: Rig): Promise<void> {
  const { driver, path } = rig;
  const transactions = driver.transactions(path);
  const impatient = driver.transactions(path, { beginTimeoutMs: 20 });
  const holder = rig.database("app.db");
  holder.exec("BEGIN IMMEDIATE");
  const write = async (tx: { exec(sql: string): unknown }) =>
    await void tx.exec("INSERT INTO business VALUES ('x')");
  await assert.rejects(impatient.transaction(write), isBusy);
  const written = transactions.transaction(write);
  let longestMs = 0;
  for (let turn = 0; turn < 50; turn++) {
    const beganMs = performance.now();
    await pause(1);
    longestMs = Math.max(longestMs, performance.now() - beganMs);
  }
  holder.exec("COMMIT");
  await written;
  assert.equal(rig.rows(), 1);
  // A driver that waits by itself is told to wait for seconds.
  assert.ok(longestMs < 2_000, `the loop stood still for ${longestMs} ms`);
  transactions.close();
  impatient.close();
}
