/**
 * A process whose relay delivers a steady stream while a held lane with much
 * behind it is released: how long do the others wait?
 *
 * @module
 */

import { createDeadLetters, createOutbox, createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { createClient } from "@libsql/client";
import { setTimeout as pause } from "node:timers/promises";
import { HELD_KEY } from "../held_lane.ts";
import { orderOf, report } from "../program.ts";
import { meterRead, readingOf } from "../reading.ts";

/** Where, and how long. */
export interface ReleaseOrder {
  readonly path: string;
  readonly brokerUrl: string;
  /** How long the others are watched before the release, and after it. */
  readonly watchMs: number;
}

/** What the others saw. */
export interface ReleaseReport {
  /** The longest time without a delivery before the release, in ms. */
  readonly beforeMs: number;
  /** The same since. */
  readonly afterMs: number;
  /** How many of the lane were delivered since. */
  readonly released: number;
}

const KEYS = 100;
const EVERY_MS = 5;

const { path, brokerUrl, watchMs } = orderOf<ReleaseOrder>();
const client = createClient({ url: `file:${path}` });
const storage = libsqlStorage(client);
const outbox = createOutbox({ storage });
let others = 0;
let released = 0;
let lastMs = NaN;
let longestMs = 0;
const relay = createRelay({
  storage,
  transport: mqttTransport(brokerUrl),
  observe: (event) => {
    if (event.type !== "message.delivered") return;
    if (event.message.key === HELD_KEY) released += 1;
    else arrived();
  },
});
const running = relay.run();
let isWriting = true;
const writing = write();
while (others === 0) await pause(EVERY_MS);
// The first ones wait for the connection and find the end of the lane.
await pause(watchMs);
const beforeMs = await watched();
await using deadLetters = createDeadLetters({ storage });
const [, afterMs] = await Promise.all([
  deadLetters.retry({ key: HELD_KEY }),
  watched(),
]);
isWriting = false;
await writing;
await relay.stop();
await running;
client.close();
await report({ beforeMs, afterMs, released } satisfies ReleaseReport);

function arrived(): void {
  const nowMs = performance.now();
  if (others > 0) longestMs = Math.max(longestMs, nowMs - lastMs);
  others += 1;
  lastMs = nowMs;
}

/** The longest pause from now on. One that has not ended counts as well. */
async function watched(): Promise<number> {
  longestMs = 0;
  await pause(watchMs);
  return Math.max(longestMs, performance.now() - lastMs);
}

async function write(): Promise<void> {
  const beganMs = performance.now();
  for (let n = 0; isWriting; n++) {
    await pause(Math.max(0, beganMs + n * EVERY_MS - performance.now()));
    const tx = await client.transaction("write");
    await outbox.enqueue(tx, meterRead(readingOf(n, KEYS)));
    await tx.commit();
  }
}
