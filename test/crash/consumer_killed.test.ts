/**
 * The consumer is killed, over and over, between the accept and the commit.
 */

import { createSeededRandom } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { createBusinessDatabase } from "../support/business_database.ts";
import { consumerProgram } from "../support/processes.ts";

const KILLS = 30;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

const startConsumer = consumerProgram();

test(
  `a consumer killed ${KILLS} times has done the work of each message once (seed ${SEED})`,
  { timeout: 120_000 },
  async () => {
    const { path, client } = await createBusinessDatabase();
    await client.execute("CREATE TABLE effect (id TEXT)");
    const random = createSeededRandom(SEED);
    const acknowledged = new Set<string>();
    const messages = Array.from({ length: 400 }, (_, at) => ({
      source: "/gateway",
      id: `m-${at + 1}`,
      key: `k${at % 20}`,
      position: Math.floor(at / 20) + 1,
    }));
    let undone = 0;

    let next = startConsumer();
    for (let kill = 0; kill <= KILLS; kill++) {
      const consumer = await next;
      await consumer.heard("ready", 0);
      // A broker delivers again from the first that it has no answer for,
      // and whoever comes later may deliver anything again.
      const first = messages.findIndex(({ id }) => !acknowledged.has(id));
      const from = kill === KILLS ? 0 : Math.max(0, first - 5);
      const pauseMs = kill === KILLS ? 0 : 2;
      consumer.tell({ path, messages: messages.slice(from), pauseMs });
      if (kill === KILLS) {
        await consumer.heard("done", 0);
      } else {
        next = startConsumer();
        await consumer.heard("accepted", random.integer(0, 8));
        await pause(random.integer(0, 3));
        await consumer.kill();
      }
      for (const { id } of consumer.all("acknowledged")) acknowledged.add(id);
      const last = consumer.all("accepted").at(-1)?.id ?? "";
      if (!acknowledged.has(last)) undone++;
    }

    const { rows } = await client.execute("SELECT id FROM effect");
    const effects = rows.map(({ id }) => String(id));
    console.info(
      `${KILLS} kills of the consumer, ${undone} of them before a commit was told: ` +
        `${effects.length} effects of ${messages.length} messages`,
    );
    expect(effects.sort()).toEqual(messages.map(({ id }) => id).sort());
    expect(undone).toBeGreaterThan(KILLS / 3);
  },
);
