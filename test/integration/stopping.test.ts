/**
 * A relay process is asked to end.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import type { RelayOrder } from "../support/children/relay_orders.ts";
import { eventually } from "../support/eventually.ts";
import { flawless, judge, summary } from "../support/history.ts";
import { relayProgram, writerProgram } from "../support/processes.ts";
import {
  type Answer,
  startScriptedBroker,
} from "../support/scripted_broker.ts";
import { receiptOf } from "../support/receipt.ts";

const startRelay = relayProgram();
const startWriter = writerProgram();

const STOPS = 20;
const SUCCESSOR_MS = 200;
const LEASE_MS = 20_000;
const EXIT_MS = 1_000;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

test(
  `${STOPS} relays that end on SIGTERM repeat nothing, leave the lease free, and are followed within ${SUCCESSOR_MS} ms (seed ${SEED})`,
  { timeout: 60_000 },
  async () => {
    const random = createSeededRandom(SEED);
    const database = await createBusinessDatabase();
    const { path } = database;
    const broker = await startScriptedBroker();
    onTestFinished(() => broker.close());
    const writer = await startWriter();
    writer.tell({ path, through: "libsql", seed: SEED, keys: 40, pauseMs: 4 });
    // No relay could take over from one that kept its lease.
    const order: RelayOrder = {
      path,
      url: broker.url,
      relay: { leaseMs: LEASE_MS },
    };
    const gapsMs: number[] = [];
    let next = startRelay();
    for (let stop = 1; stop <= STOPS; stop++) {
      const relay = await next;
      await relay.heard("ready", 0);
      const { length } = broker.published;
      const toldAtMs = performance.now();
      relay.tell(order);
      await eventually(() => broker.published.length > length, "a message");
      gapsMs.push(performance.now() - toldAtMs);
      next = startRelay();
      const enough = length + random.integer(1, 100);
      await eventually(() => broker.published.length >= enough, "progress");
      await pause(random.integer(0, 3));

      relay.signal("SIGTERM");
      await relay.heard("stopped", 0);
      const sent = broker.published.length;
      const stoppedAtMs = performance.now();
      expect(await relay.ended).toEqual({ code: 0, signal: null });
      expect(performance.now() - stoppedAtMs).toBeLessThan(EXIT_MS);
      expect(broker.published.length - sent, "sent after stopping").toBe(0);
      expect((await database.lease()).owner).toBeNull();
    }
    writer.tell("stop");
    await writer.heard("done", 0);
    (await next).tell(order);
    await database.drained();
    const verdict = judge({
      committed: await database.readings(),
      received: broker.published.map(receiptOf),
      duplicatesAllowed: 0,
    });
    gapsMs.sort((a, b) => a - b);
    console.info(
      `${STOPS} stops, first message after ${gapsMs[0]!.toFixed()} to ` +
        `${gapsMs.at(-1)!.toFixed()} ms: ${summary(verdict)}`,
    );
    expect(verdict).toMatchObject(flawless);
    // A busy machine adds to every one; no wait for the lease is in any.
    expect(gapsMs[0]).toBeLessThan(SUCCESSOR_MS);
    expect(gapsMs.at(-1)).toBeLessThan(LEASE_MS / 10);
  },
);

test("a first SIGTERM waits for acknowledgements, a second one ends it at once", async () => {
  const database = await createBusinessDatabase();
  const { path } = database;
  let answer: Answer = "hold";
  const broker = await startScriptedBroker({ answer: () => answer });
  onTestFinished(() => broker.close());
  const writer = await startWriter();
  writer.tell({
    path,
    through: "libsql",
    seed: 2,
    keys: 5,
    transactions: 10,
    pauseMs: 0,
  });
  await writer.heard("done", 0);
  const backlog = await database.backlog();
  const keys = new Set((await database.readings()).map(({ key }) => key)).size;
  const relay = await startRelay();
  relay.tell({ path, url: broker.url, graceMs: 60_000 });
  await eventually(() => broker.published.length === keys, "one of each key");
  relay.signal("SIGTERM");
  // It cannot be seen to wait: give it the time to do anything else.
  await pause(300);
  expect(relay.isAlive).toBe(true);
  const askedAtMs = performance.now();
  relay.signal("SIGTERM");
  expect(await relay.ended).toEqual({ code: 0, signal: null });
  expect(performance.now() - askedAtMs).toBeLessThan(EXIT_MS);
  expect((await database.lease()).owner).toBeNull();
  expect(await database.backlog()).toBe(backlog);
  expect(await database.failures()).toBe(0);
  expect(broker.published).toHaveLength(keys);

  answer = 0;
  const next = await startRelay();
  next.tell({ path, url: broker.url });
  await database.drained();
});
