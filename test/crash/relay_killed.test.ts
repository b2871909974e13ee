/**
 * The relay is killed, over and over, while an application goes on writing.
 */

import { createSeededRandom, type Verdict } from "@mailboat/outbox/testing";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import {
  type BusinessDatabase,
  createBusinessDatabase,
} from "../support/business_database.ts";
import type { RelayOrder } from "../support/children/relay_orders.ts";
import { eventually } from "../support/eventually.ts";
import { flawless, judge, summary } from "../support/history.ts";
import { startObservedBroker } from "../support/observed_broker.ts";
import {
  type RelayProcess,
  relayProgram,
  writerProgram,
} from "../support/processes.ts";
import type { Subscriber } from "../support/subscriber.ts";

const LEASE_MS = 200;
const WINDOW = 16;
const SEED = Number(process.env["CRASH_SEED"] ?? Date.now() % 1_000_000);

const startRelay = relayProgram();
const startWriter = writerProgram();

test.for(
  [
    // More keys than the window takes, so that a crash can hit a full one.
    { order: "strict", through: "libsql", keys: 40, kills: 52, pauseMs: 8 },
    // Few keys, so that a crash can hit two messages of one key at work.
    { order: "strict", through: "drizzle", keys: 5, kills: 52, pauseMs: 8 },
    // So few that a window holds several of each.
    { order: "pipelined", through: "libsql", keys: 2, kills: 12, pauseMs: 20 },
  ] as const,
)(
  `a relay killed $kills times loses, invents and reorders nothing ($through, $keys keys, $order, seed ${SEED})`,
  { timeout: 120_000 },
  async ({ order, through, keys, kills, pauseMs }, context) => {
    const broker = await startObservedBroker(context);
    const database = await createBusinessDatabase();
    const writer = await startWriter();
    writer.tell({
      path: database.path,
      through,
      seed: SEED,
      keys,
      pauseMs,
    });

    const orders: RelayOrder = {
      path: database.path,
      url: broker.url,
      window: WINDOW,
      relay: {
        order,
        leaseMs: LEASE_MS,
        sendTimeoutMs: LEASE_MS,
        pollMs: 50,
        // These deaths are nobody's doing, however often they hit the same message alone.
        maxDeaths: kills + 1,
      },
    };
    const { losses, early } = await killOver(orders, {
      kills,
      broker,
      database,
    });
    writer.tell("stop");
    await writer.heard("done", 0);
    await database.trust();
    const last = await startRelay();
    last.tell(orders);
    const duplicatesAllowed = WINDOW * (kills + losses);
    const verdict = await verdictOn(database, broker, {
      duplicatesAllowed,
      order,
    });
    const times = `${kills} kills, ${early} of them early`;
    console.info(`${through}, ${order}, ${times}: ${summary(verdict)}`);
    expect(verdict, `seed ${SEED}`).toMatchObject(flawless);
    expect(await database.failures(), "refusals").toBe(0);
    // Kills that hit one message at a time would prove little.
    expect(verdict.duplicates).toBeGreaterThan(kills);
  },
);

/** Kills one relay after the other; returns how many connections broke by themselves. */
async function killOver(
  order: RelayOrder,
  { kills, broker, database }: {
    readonly kills: number;
    readonly broker: Subscriber;
    readonly database: BusinessDatabase;
  },
): Promise<{ readonly losses: number; readonly early: number }> {
  const random = createSeededRandom(SEED);
  let losses = 0;
  let early = 0;
  let next = startRelay();
  for (let kill = 0; kill < kills; kill++) {
    const relay = await next;
    await relay.heard("ready", 0);
    // One that knows of the deaths before sends message after message.
    if (random.chance(0.7)) await database.trust();
    relay.tell(order);
    next = startRelay();
    if (random.chance(0.2)) {
      early += 1;
      await startingUp(relay, random.integer(0, 4));
    } else {
      await broker.reached(
        broker.received.length + random.integer(1, 4 * WINDOW),
      );
    }
    await pause(random.integer(0, 3));
    await relay.kill();
    losses += relay.all("transport.lost").length;
  }
  await (await next).end();
  return { losses, early };
}

/** Resolves at some point before the first message. */
async function startingUp(relay: RelayProcess, point: number): Promise<void> {
  if (point >= 1) await relay.heard("store.opened", 0);
  if (point === 2) await pause(LEASE_MS / 2);
  if (point >= 3) await relay.heard("lease.acquired", 0);
  if (point === 4) await relay.heard("transport.connected", 0);
}

async function verdictOn(
  database: BusinessDatabase,
  { received }: Subscriber,
  bounds: Pick<Parameters<typeof judge>[0], "duplicatesAllowed" | "order">,
): Promise<Verdict> {
  await database.drained();
  const committed = await database.readings();
  const arrived = () => new Set(received.map(({ id }) => id)).size;
  await eventually(
    () => arrived() >= committed.length,
    "everything that was delivered",
  ).catch(() => {});
  return judge({ committed, received, ...bounds });
}
