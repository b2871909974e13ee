/**
 * The broker dies, refuses or hangs up, and comes back.
 */

import { expect, onTestFinished, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import { eventually } from "../support/eventually.ts";
import { flawless, judge, summary } from "../support/history.ts";
import { startMosquitto, withoutMosquitto } from "../support/mosquitto.ts";
import { relayProgram, writerProgram } from "../support/processes.ts";
import {
  startScriptedBroker,
  type Welcome,
} from "../support/scripted_broker.ts";
import { receiptOf } from "../support/receipt.ts";
import { tapWire } from "../support/wire_tap.ts";

const startRelay = relayProgram();
const startWriter = writerProgram();

const OUTAGES = 8;
const WINDOW = 16;

test(
  `a broker killed ${OUTAGES} times in the middle of a window gets at most a window each time again`,
  { timeout: 60_000 },
  async ({ skip }) => {
    skip(withoutMosquitto, "mosquitto is not installed");
    const database = await createBusinessDatabase();
    const { path } = database;
    // It keeps nothing, so what the relay was told is what counts.
    let broker = await startMosquitto({ config: ["max_inflight_messages 0"] });
    onTestFinished(() => broker.stop());
    const tap = await tapWire(broker.port);
    const writer = await startWriter();
    writer.tell({ path, through: "drizzle", seed: 5, keys: 40, pauseMs: 4 });
    const relay = await startRelay();
    relay.tell({
      path,
      url: tap.url,
      window: WINDOW,
      relay: { reconnectBaseMs: 20, reconnectCapMs: 100 },
    });
    for (let outage = 1; outage <= OUTAGES; outage++) {
      const enough = tap.acknowledged.size + 50;
      await eventually(() => tap.acknowledged.size > enough, "deliveries");
      const before = tap.swallowed;
      tap.swallow();
      await eventually(() => tap.swallowed > before, "a lost acknowledgement");
      const unavailable = relay.heard("transport.unavailable");
      await broker.stop();
      await relay.heard("transport.lost", outage - 1);
      await unavailable;
      broker = await startMosquitto({
        port: broker.port,
        config: ["max_inflight_messages 0"],
      });
    }
    writer.tell("stop");
    await writer.heard("done", 0);
    await database.drained();

    const committed = await database.readings();
    const verdict = judge({
      committed,
      received: tap.sent,
      duplicatesAllowed: OUTAGES * WINDOW,
    });
    console.info(`${OUTAGES} outages: ${summary(verdict)}`);
    expect(verdict).toMatchObject(flawless);
    expect(verdict.duplicates).toBeGreaterThanOrEqual(OUTAGES);
    expect(committed.filter(({ id }) => !tap.acknowledged.has(id))).toEqual([]);
    expect(relay.all("transport.lost")).toHaveLength(OUTAGES);
    expect(await database.failures()).toBe(0);
  },
);

test("an outage longer than any retry budget costs no attempt, and everything arrives in order", async () => {
  const database = await createBusinessDatabase();
  const { path } = database;
  let welcome: Welcome = "cut";
  let answer: "cut" | 0 = "cut";
  const broker = await startScriptedBroker({
    get welcome() {
      return welcome;
    },
    answer: () => answer,
  });
  onTestFinished(() => broker.close());
  const writer = await startWriter();
  writer.tell({
    path,
    through: "libsql",
    seed: 6,
    keys: 10,
    transactions: 50,
    pauseMs: 0,
  });
  const relay = await startRelay();
  relay.tell({
    path,
    url: broker.url,
    window: WINDOW,
    relay: {
      reconnectBaseMs: 1,
      reconnectCapMs: 5,
      slowRetryMs: 50,
      connectTimeoutMs: 50,
    },
    retry: { maxAttempts: 2, baseMs: 1, capMs: 5 },
  });

  // No CONNACK, then a server that is not available, then one that is silent.
  for (
    const [now, tries] of [["cut", 40], [{ code: 0x88 }, 40], [
      "silence",
      5,
    ]] as const
  ) {
    welcome = now;
    const enough = broker.connects.length + tries;
    await eventually(() => broker.connects.length >= enough, "enough tries");
    expect(await database.failures()).toBe(0);
  }
  // Hangs up at the first message of every connection.
  welcome = {};
  await relay.heard("transport.lost", 40);
  expect(await database.failures()).toBe(0);
  const losses = relay.all("transport.lost").length;
  answer = 0;
  await writer.heard("done", 0);
  await database.drained();

  const received = broker.published.map(receiptOf);
  const committed = await database.readings();
  expect(judge({
    committed,
    received,
    duplicatesAllowed: (losses + 1) * WINDOW,
  })).toMatchObject(flawless);
  expect(relay.all("message.retry")).toEqual([]);
  expect(relay.all("message.dead")).toEqual([]);
  expect(await database.failures()).toBe(0);
});
