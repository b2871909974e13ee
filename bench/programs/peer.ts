/**
 * A process in which one queue stores events and publishes them.
 *
 * A subscriber counts what arrives, as some queues publish out of its sight.
 *
 * @module
 */

import { connectAsync } from "mqtt";
import process from "node:process";
import { publisherTo } from "../peers/publisher.ts";
import { ENTRANTS } from "../peers/roster.ts";
import { orderOf, report } from "../program.ts";
import { noDelay } from "../publish_loop.ts";
import type { Reading } from "../reading.ts";

/** Who, where, and how much. */
export interface PeerOrder {
  readonly name: string;
  readonly path: string;
  readonly brokerUrl: string;
  readonly events: number;
}

/** How fast it was, in events per second. */
export interface PeerReport {
  /** Stored, a transaction each. */
  readonly enqueued: number;
  /** Arrived, from the start to the last. */
  readonly drained: number;
}

/** Nobody needs so long between two arrivals. */
const SILENCE_MS = 30_000;

/** Whoever hangs is ended, and counts as one that cannot run. */
const LIMIT_MS = 180_000;
setTimeout(() => {
  console.error(`${name} took more than ${LIMIT_MS / 1_000} s`);
  process.exit(1);
}, LIMIT_MS);

const { name, path, brokerUrl, events } = orderOf<PeerOrder>();
const entrant = ENTRANTS.find((its) => its.name === name);
if (entrant === undefined) throw new Error(`Nobody is called ${name}`);
const { publish, close } = await publisherTo(brokerUrl);
const peer = await entrant.open({ path, brokerUrl, publish });
const enqueueBeganMs = performance.now();
for (let n = 0; n < events; n++) await peer.enqueue(n);
const enqueuedMs = performance.now() - enqueueBeganMs;
const { last } = await arrivals();
const beganMs = performance.now();
await peer.start();
const drainedMs = await last - beganMs;
await peer.stop();
await close();
await report(
  {
    enqueued: events / enqueuedMs * 1_000,
    drained: events / drainedMs * 1_000,
  } satisfies PeerReport,
);
// Some leave timers and threads behind.
process.exit(0);

/** Subscribes; `last` is the instant of the last arrival. */
async function arrivals(): Promise<{ readonly last: Promise<number> }> {
  const client = await connectAsync(brokerUrl, { protocolVersion: 5 });
  noDelay(client.stream);
  const seen = new Set<number>();
  const last = new Promise<number>((resolve, reject) => {
    const silent = () =>
      reject(new Error(`${name} published ${seen.size} of ${events}`));
    const timer = setTimeout(silent, SILENCE_MS);
    client.on("message", (_topic, payload) => {
      timer.refresh();
      const { n } = JSON.parse(payload.toString()) as Reading;
      seen.add(n);
      if (seen.size < events) return;
      clearTimeout(timer);
      resolve(performance.now());
      client.end(true);
    });
  });
  await client.subscribeAsync("meters/#", { qos: 1 });
  return { last };
}
