/**
 * A message that aborts the process which sends it.
 */

import { expect, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import type { RelayOrder } from "../support/children/relay_orders.ts";
import { eventually } from "../support/eventually.ts";
import { startObservedBroker } from "../support/observed_broker.ts";
import { relayProgram, writerProgram } from "../support/processes.ts";

const startRelay = relayProgram();
const startWriter = writerProgram();

const MAX_DEATHS = 5;
/** One that has worked for a while, one that has just begun, and those alone with the message. */
const MOST_DEATHS = 2 + MAX_DEATHS;

test(
  "a message that kills the relay process is dead after the documented number of boots; the others arrive",
  { timeout: 120_000 },
  async (context) => {
    const broker = await startObservedBroker(context);
    const database = await createBusinessDatabase();
    const { path, client } = database;
    const writer = await startWriter();
    writer.tell({
      path,
      through: "libsql",
      seed: 5,
      keys: 6,
      transactions: 40,
      pauseMs: 0,
    });
    await writer.heard("done", 0);
    const readings = await database.readings();
    const poison = readings[readings.length >> 1]!;
    const order: RelayOrder = {
      path,
      url: broker.url,
      abortsOn: poison.id,
      relay: { leaseMs: 500, sendTimeoutMs: 500, pollMs: 20 },
    };
    let deaths = 0;
    for (;;) {
      const relay = await startRelay();
      relay.tell(order);
      const lives = await relay.heard("message.dead", 0)
        .then(() => true, () => false);
      if (lives) break;
      expect((await relay.ended).signal).toBe("SIGABRT");
      deaths += 1;
      expect(deaths).toBeLessThanOrEqual(MOST_DEATHS);
    }
    expect(deaths).toBeGreaterThan(MAX_DEATHS);
    const lane = readings.filter(({ key }) => key === poison.key);
    const behind = lane.length - lane.findIndex(({ id }) => id === poison.id);
    const arrived = () => new Set(broker.received.map(({ id }) => id));
    await eventually(
      () => arrived().size === readings.length - behind,
      "the messages of the other keys",
    );
    const { rows } = await client.execute(
      "SELECT code, deaths, attempts FROM mailboat_failure WHERE state = 'dead'",
    );
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { code: "RELAY_DIED", deaths: MAX_DEATHS, attempts: 0 },
    ]);
    expect(arrived()).not.toContain(poison.id);
  },
);
