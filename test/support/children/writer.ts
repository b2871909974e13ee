/**
 * An application: transactions of one to three readings and their messages,
 * one in ten of which it rolls back at the end.
 */

import { createClient, type Transaction } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { drizzleStorage } from "@mailboat/outbox/drizzle";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { createSeededRandom } from "@mailboat/outbox/testing";
import { sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql";
import { setTimeout as pause } from "node:timers/promises";
import { leave, nextOrder, report } from "./parent.ts";
import { type Reading, readingTaken, type Taken } from "./reading.ts";
import type { WriterTask } from "./writer_orders.ts";

/** The application's side of one transaction. */
interface Step {
  /** The number of the key's last reading. */
  last(key: string): Promise<number>;
  insert(reading: Reading): Promise<unknown>;
  /** Enqueues one event and returns its id. */
  enqueue(taken: Taken): Promise<string | undefined>;
}

type Transact = (work: (step: Step) => Promise<void>) => Promise<void>;

class RolledBack extends Error {}

const told = nextOrder<WriterTask>();
report({ type: "ready" });
const { path, through, seed, keys, pauseMs, ...order } = await told;
const random = createSeededRandom(seed);
const client = createClient({ url: `file:${path}`, timeout: 10_000 });
const transact = through === "drizzle" ? withDrizzle() : withLibsql();

let stopped = false;
void nextOrder().then(() => stopped = true);
let messages = 0;
let rolledBack = 0;
const { transactions = Infinity } = order;
for (let count = 1; !stopped && count <= transactions; count++) {
  const size = random.integer(1, 3);
  const fails = random.chance(0.1);
  try {
    await transact((step) =>
      write(step, { tx: `${seed}.${count}`, size, fails })
    );
    messages += size;
    report({ type: "committed", messages });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
    rolledBack += 1;
  }
  await pause(pauseMs);
}
client.close();
report({ type: "done", rolledBack });
leave();

async function write(
  step: Step,
  { tx, size, fails }: { tx: string; size: number; fails: boolean },
): Promise<void> {
  for (let i = 0; i < size; i++) {
    const key = `k${random.integer(1, keys)}`;
    const n = await step.last(key) + 1;
    const id = await step.enqueue({ key, n });
    await step.insert({ id: String(id), key, n, tx, size });
  }
  if (fails) throw new RolledBack();
}

function withLibsql(): Transact {
  const outbox = createOutbox({ storage: libsqlStorage(client) });
  const stepOf = (tx: Transaction): Step => ({
    async last(key) {
      const sql = "SELECT max(n) FROM reading WHERE key = ?";
      return Number((await tx.execute({ sql, args: [key] })).rows[0]?.[0]);
    },
    insert: ({ id, key, n, tx: name, size }) =>
      tx.execute({
        sql:
          "INSERT INTO reading (id, key, n, tx, size) VALUES (?, ?, ?, ?, ?)",
        args: [id, key, n, name, size],
      }),
    enqueue: async (taken) =>
      (await outbox.enqueue(tx, readingTaken(taken)))[0]?.id,
  });
  return async (work) => {
    const tx = await client.transaction("write");
    try {
      await work(stepOf(tx));
      await tx.commit();
    } finally {
      tx.close();
    }
  };
}

function withDrizzle(): Transact {
  const db = drizzle({ client });
  const outbox = createOutbox({
    storage: drizzleStorage(db, libsqlStorage(client)),
  });
  return (work) =>
    db.transaction((tx) =>
      work({
        async last(key) {
          const query = sql`SELECT max(n) AS n FROM reading WHERE key = ${key}`;
          return Number((await tx.get<{ n: number | null }>(query)).n);
        },
        insert: ({ id, key, n, tx: name, size }) =>
          tx.run(sql`INSERT INTO reading (id, key, n, tx, size)
            VALUES (${id}, ${key}, ${n}, ${name}, ${size})`),
        enqueue: async (taken) =>
          (await outbox.enqueue(tx, readingTaken(taken)))[0]?.id,
      })
    );
}
