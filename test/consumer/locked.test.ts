/**
 * The consumer beside others that write: another process that holds the lock,
 * and the transactions of its own.
 */

import { type Client, createClient } from "@libsql/client";
import {
  type ConsumerEvent,
  type ConsumerStorage,
  createConsumer,
  type Transactions,
} from "@mailboat/outbox";
import { drizzleStorage, drizzleTransactions } from "@mailboat/outbox/drizzle";
import { libsqlStorage, libsqlTransactions } from "@mailboat/outbox/libsql";
import { createMemorySubscriber } from "@mailboat/outbox/testing";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  type BusinessDatabase,
  createBusinessDatabase,
} from "../support/business_database.ts";
import type { LockOrder } from "../support/children/lock_holder.ts";
import { eventually } from "../support/eventually.ts";
import { program } from "../support/program.ts";
import { meterRead, reading } from "./consumer_rig.ts";

const startHolder = program<LockOrder, { type: "held" | "released" }>(
  "lock_holder",
);

/** How long after its release the lock may stay unused. */
const MAX_LATE_MS = 2_000;

/** A way to write, whatever its transactions look like. */
interface Way<Tx> {
  readonly storage: ConsumerStorage<Tx>;
  readonly database: Transactions<Tx>;
  /** Writes one row. */
  write(tx: Tx, id: string): Promise<unknown>;
}

function libsqlWay(client: Client) {
  return rigOver({
    storage: libsqlStorage(client),
    database: libsqlTransactions(client),
    write: (tx, id) =>
      tx.execute({ sql: "INSERT INTO effect VALUES (?)", args: [id] }),
  });
}

function drizzleWay(client: Client) {
  const db = drizzle({ client });
  return rigOver({
    storage: drizzleStorage(db, libsqlStorage(client)),
    database: drizzleTransactions(db),
    write: (tx, id) => tx.run(sql`INSERT INTO effect VALUES (${id})`),
  });
}

/** A consumer that writes a row for each message, and stops when the test ends. */
function rigOver<Tx>({ storage, database, write }: Way<Tx>) {
  const subscriber = createMemorySubscriber({ window: 100 });
  const events: ConsumerEvent[] = [];
  const consumer = createConsumer({
    consumer: "billing",
    subscriber,
    storage,
    database,
    handlers: (on) => [
      on(meterRead, async (tx, { id }) => {
        await write(tx, id);
        await pause(1);
      }),
    ],
    observe: (event) => events.push(event),
  });
  const running = consumer.run();
  onTestFinished(async () => {
    await consumer.stop();
    await running;
  });
  return {
    publish(ids: readonly string[]) {
      for (const [n, id] of ids.entries()) {
        subscriber.publish(reading(`m-${n % 4}`, n, id));
      }
    },
    failures: () => events.filter(({ type }) => type === "message.failed"),
    handled: () => consumer.status().counters.handled,
    /** Writes by itself, through the same transactions. */
    write: (id: string) =>
      database.transaction(async (tx) => {
        await pause(1);
        await write(tx, id);
        await pause(1);
      }),
  };
}

async function effectDatabase(): Promise<BusinessDatabase & { own: Client }> {
  const database = await createBusinessDatabase();
  await database.client.execute("CREATE TABLE effect (id TEXT)");
  const own = createClient({ url: `file:${database.path}` });
  onTestFinished(() => own.close());
  return { ...database, own };
}

const numbered = (count: number, name = "m") =>
  Array.from({ length: count }, (_, at) => `${name}-${at}`);

async function effectsOf({ client }: BusinessDatabase): Promise<string[]> {
  const { rows } = await client.execute("SELECT id FROM effect");
  return rows.map(({ id }) => String(id)).sort();
}

describe.each([
  { name: "libsql", over: libsqlWay },
  { name: "drizzle", over: drizzleWay },
])("a consumer on $name", ({ over }) => {
  test("goes on as soon as another process gives the lock back", {
    timeout: 60_000,
  }, async () => {
    const database = await effectDatabase();
    const rig = over(database.own);
    const holder = await startHolder();
    holder.tell({ path: database.path, heldMs: 1_000, freeMs: 1_500 });
    await holder.heard("held", 0);
    const rounds = 2;
    const lateMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      const before = rig.handled();
      rig.publish(numbered(10, `round ${round}`));
      await holder.heard("released", round);
      const releasedMs = performance.now();
      await eventually(() => rig.handled() > before, "a commit");
      lateMs.push(performance.now() - releasedMs);
      await eventually(() => rig.handled() === before + 10, "all commits");
      // The next round begins while the lock is held again.
      if (round + 1 < rounds) await pause(1_600);
    }
    console.info(
      `from release to commit: ${
        lateMs.map((ms) => ms.toFixed()).join(", ")
      } ms`,
    );
    expect(Math.max(...lateMs)).toBeLessThan(MAX_LATE_MS);
    const expected = numbered(rounds)
      .flatMap((_, round) => numbered(10, `round ${round}`));
    expect(await effectsOf(database)).toEqual(expected.sort());
    expect(rig.failures()).toEqual([]);
  });

  test("outlasts a storm of locks", { timeout: 60_000 }, async () => {
    const database = await effectDatabase();
    const rig = over(database.own);
    const holder = await startHolder();
    holder.tell({ path: database.path });
    await holder.heard("held", 0);
    const ids = numbered(120);
    rig.publish(ids);
    await eventually(() => rig.handled() === ids.length, "all commits");
    expect(await effectsOf(database)).toEqual(ids.sort());
    expect(rig.failures()).toEqual([]);
  });

  test("takes turns with what else its process writes", async () => {
    const database = await effectDatabase();
    const rig = over(database.own);
    const [ids, own] = [numbered(80), numbered(80, "own")];
    rig.publish(ids);
    await Promise.all(own.map((id) => rig.write(id)));
    await eventually(() => rig.handled() === ids.length, "all commits");
    expect(await effectsOf(database)).toEqual([...ids, ...own].sort());
    expect(rig.failures()).toEqual([]);
  });
});
