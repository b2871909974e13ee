/**
 * A service that writes at a steady pace: each event with its business row.
 *
 * It keeps one row for each meter, so that the database grows by nothing but
 * the outbox. Its parent ends it with a message.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import { createOutbox } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { machineClockMs } from "../machine_clock.ts";
import { orderOf } from "../program.ts";
import { meterRead, readingOf } from "../reading.ts";

/** What is written, and how fast. */
export interface SoakWriterOrder {
  readonly path: string;
  readonly keys: number;
  /** Events of one transaction. */
  readonly perTransaction: number;
  /** From the beginning of a transaction to that of the next. */
  readonly everyMs: number;
}

/** Told of each transaction, once it is committed. */
export interface Committed {
  /** The number of its first event; the others follow. */
  readonly first: number;
  readonly count: number;
  /** When, by the clock of the machine. */
  readonly atMs: number;
}

/** The newest reading of each meter. */
const UPSERT = `INSERT INTO meter (meter, n) VALUES (?, ?)
  ON CONFLICT (meter) DO UPDATE SET n = excluded.n`;

/** The relay holds the lock for the length of its own commits. */
const LOCK_WAIT_MS = 30_000;

const { path, keys, perTransaction, everyMs } = orderOf<SoakWriterOrder>();
const client = createClient({ url: `file:${path}`, timeout: LOCK_WAIT_MS });
const outbox = createOutbox({ storage: libsqlStorage(client) });
let isEnding = false;
process.once("message", () => isEnding = true);
process.once("disconnect", () => isEnding = true);

const beganMs = machineClockMs();
for (let turn = 0; !isEnding; turn++) {
  // Who is late hurries: the pace is kept on the average.
  await pause(Math.max(0, beganMs + turn * everyMs - machineClockMs()));
  const first = turn * perTransaction;
  await write(first);
  const atMs = machineClockMs();
  const done: Committed = { first, count: perTransaction, atMs };
  process.send?.(done);
}
client.close();
if (process.connected) process.disconnect();

async function write(first: number): Promise<void> {
  const readings = Array.from(
    { length: perTransaction },
    (_, at) => readingOf(first + at, keys),
  );
  const tx = await client.transaction("write");
  await tx.batch(
    readings.map(({ meter, n }) => ({ sql: UPSERT, args: [meter, n] })),
  );
  await outbox.enqueue(tx, ...readings.map((reading) => meterRead(reading)));
  await tx.commit();
}
