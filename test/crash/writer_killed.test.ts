/**
 * The application is killed, over and over, in the middle of its transactions.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import { flawless, judge, summary } from "../support/history.ts";
import { startObservedBroker } from "../support/observed_broker.ts";
import { relayProgram, writerProgram } from "../support/processes.ts";

const KILLS = 30;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

const startRelay = relayProgram();
const startWriter = writerProgram();

test(
  `a writer killed ${KILLS} times leaves whole transactions only, each with its messages (seed ${SEED})`,
  { timeout: 120_000 },
  async (context) => {
    const broker = await startObservedBroker(context);
    const database = await createBusinessDatabase();
    const relay = await startRelay();
    relay.tell({ path: database.path, url: broker.url });

    const random = createSeededRandom(SEED);
    let next = startWriter();
    for (let kill = 0; kill < KILLS; kill++) {
      const writer = await next;
      await writer.heard("ready", 0);
      writer.tell({
        path: database.path,
        through: kill % 2 === 0 ? "libsql" : "drizzle",
        seed: kill,
        keys: 20,
        pauseMs: 0,
      });
      next = startWriter();
      await writer.heard("committed", random.integer(0, 20));
      await pause(random.integer(0, 3));
      await writer.kill();
    }
    await (await next).end();

    await database.drained();
    const committed = await database.readings();
    await broker.reached(committed.length);
    const { received } = broker;
    const verdict = judge({ committed, received, duplicatesAllowed: 0 });
    console.info(`${KILLS} kills of the writer: ${summary(verdict)}`);
    expect(verdict).toMatchObject(flawless);
    expect(committed.length).toBeGreaterThan(KILLS);
  },
);
