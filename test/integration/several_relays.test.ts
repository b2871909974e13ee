/**
 * Two relays on one outbox: one works, the other stands by.
 */

import { createClient } from "@libsql/client";
import type { Verdict } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import {
  type BusinessDatabase,
  createBusinessDatabase,
} from "../support/business_database.ts";
import type { RelayOrder } from "../support/children/relay_orders.ts";
import { eventually } from "../support/eventually.ts";
import { flawless, judge, summary } from "../support/history.ts";
import {
  type ObservedBroker,
  startObservedBroker,
} from "../support/observed_broker.ts";
import { startScriptedBroker } from "../support/scripted_broker.ts";
import { fill } from "../support/seeding.ts";
import {
  type RelayProcess,
  relayProgram,
  type WriterProcess,
  writerProgram,
} from "../support/processes.ts";

const startRelay = relayProgram();
const startWriter = writerProgram();

const LEASE_MS = 500;
const POLL_MS = 50;
const WINDOW = 16;
/** To connect, and for what else keeps a machine busy. */
const SLACK_MS = 400;

test("of two relays one sends, and each message once", async (context) => {
  // Nobody is to take over here, however slow the machine is at other things.
  const { order, database, broker } = await setUp(context, 10_000);
  const relays = [await startRelay(), await startRelay()];
  relays.forEach((relay) => relay.tell(order));
  const writer = await startWriting(database, 400);
  await writer.heard("done", 0);
  const verdict = await verdictOn(database, broker, 0);
  expect(verdict).toMatchObject(flawless);
  expect(verdict.committed).toBeGreaterThan(400);
});

test(
  "when the active relay is killed the other goes on within its lease and a poll",
  { timeout: 60_000 },
  async (context) => {
    const { order, database, broker } = await setUp(context);
    const writer = await startWriting(database);
    let active = await startRelay();
    active.tell(order);
    await active.heard("lease.acquired", 0);
    const gapsMs: number[] = [];
    const kills = 4;
    for (let kill = 1; kill <= kills; kill++) {
      const standby = await startRelay();
      standby.tell(order);
      await standby.heard("store.opened", 0);
      await broker.reached(broker.received.length + 20);
      await active.kill();
      const killedAtMs = performance.now();
      const { length } = broker.received;
      await standby.heard("lease.acquired", 0);
      await broker.reached(length + 1);
      gapsMs.push(performance.now() - killedAtMs);
      active = standby;
    }
    await stop(writer);
    const verdict = await verdictOn(database, broker, kills * WINDOW);
    const longestMs = Math.round(Math.max(...gapsMs));
    console.info(
      `${kills} takeovers, at most ${longestMs} ms: ${summary(verdict)}`,
    );
    expect(verdict).toMatchObject(flawless);
    expect(longestMs).toBeLessThan(LEASE_MS + POLL_MS + SLACK_MS);
  },
);

test(
  "a relay that was paused for several leases changes nothing and sends nothing",
  { timeout: 60_000 },
  async (context) => {
    const { order, database, broker } = await setUp(context);
    const writer = await startWriting(database);
    let active = await startRelay();
    let standby = await startRelay();
    active.tell(order);
    await active.heard("lease.acquired", 0);
    standby.tell(order);
    const pauses = 3;
    for (let round = 1; round <= pauses; round++) {
      await broker.reached(broker.received.length + 20);
      const takeover = standby.heard("lease.acquired");
      await freeze(active, database);
      const { epoch } = await takeover;
      await broker.reached(broker.received.length + 20);
      await pause(2 * LEASE_MS);

      const connects = active.all("transport.connected").length;
      const losses = standby.all("transport.lost").length;
      const lost = active.heard("lease.lost");
      active.signal("SIGCONT");
      expect((await lost).epoch).toBe(epoch - 1);
      await broker.reached(broker.received.length + 100);
      expect(await database.lease()).toMatchObject({ epoch });
      expect(active.all("transport.connected")).toHaveLength(connects);
      expect(standby.all("transport.lost")).toHaveLength(losses);
      [active, standby] = [standby, active];
    }
    await stop(writer);
    const verdict = await verdictOn(database, broker, pauses * WINDOW);
    console.info(`${pauses} pauses: ${summary(verdict)}`);
    expect(verdict).toMatchObject(flawless);
  },
);

test("what a relay owed when it was paused is not recorded once another has taken over", async () => {
  const database = await createBusinessDatabase();
  const broker = await startScriptedBroker({ answer: () => "hold" });
  onTestFinished(() => broker.close());
  const { path } = database;
  const order: RelayOrder = {
    path,
    url: broker.url,
    relay: { leaseMs: LEASE_MS, pollMs: POLL_MS },
    tell: ["message.delivered"],
  };
  await fill(database, { messages: 1, keys: 1 });
  const paused = await startRelay();
  paused.tell(order);
  await eventually(() => broker.published.length === 1, "the first send");
  // It knows of the delivery, and cannot record it.
  const lock = await database.client.transaction("write");
  broker.release();
  await paused.heard("message.delivered", 0);
  paused.signal("SIGSTOP");
  lock.close();

  const other = await startRelay();
  other.tell(order);
  const { epoch } = await other.heard("lease.acquired", 0);
  await eventually(() => broker.published.length === 2, "the second send");
  paused.signal("SIGCONT");
  expect(await paused.heard("lease.lost", 0)).toMatchObject({ unrecorded: 1 });
  expect(await database.backlog()).toBe(1);
  expect(await database.lease()).toMatchObject({ epoch });
  broker.release();
  await database.drained();
  expect(broker.published).toHaveLength(2);
});

async function setUp(
  context: Parameters<typeof startObservedBroker>[0],
  leaseMs: number = LEASE_MS,
) {
  const broker = await startObservedBroker(context);
  const database = await createBusinessDatabase();
  const order: RelayOrder = {
    path: database.path,
    url: broker.url,
    window: WINDOW,
    relay: { leaseMs, pollMs: POLL_MS },
  };
  return { broker, database, order };
}

async function startWriting(
  { path }: BusinessDatabase,
  transactions = Infinity,
): Promise<WriterProcess> {
  const writer = await startWriter();
  writer.tell({
    path,
    through: "drizzle",
    seed: 4,
    keys: 40,
    transactions,
    pauseMs: 4,
  });
  return writer;
}

async function stop(writer: WriterProcess): Promise<void> {
  writer.tell("stop");
  await writer.heard("done", 0);
}

/** Stops a process at a moment when it does not hold the lock: nobody could work then. */
async function freeze(
  relay: RelayProcess,
  { path }: BusinessDatabase,
): Promise<void> {
  const probe = createClient({ url: `file:${path}`, timeout: 200 });
  onTestFinished(() => probe.close());
  for (;; await pause(5)) {
    relay.signal("SIGSTOP");
    await pause(5);
    try {
      return await probe.executeMultiple("BEGIN IMMEDIATE; COMMIT");
    } catch {
      relay.signal("SIGCONT");
    }
  }
}

async function verdictOn(
  database: BusinessDatabase,
  { received, reached }: ObservedBroker,
  duplicatesAllowed: number,
): Promise<Verdict> {
  await database.drained();
  const committed = await database.readings();
  await reached(committed.length);
  return judge({ committed, received, duplicatesAllowed });
}
