/**
 * A relay that starts in front of a backlog, and watches its own memory.
 *
 * @module
 */

import { createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { orderOf, report } from "../program.ts";

/** So many messages every backlog has. */
const FEW = 1_000;

/** Where the relay works, and when it has seen enough. */
export interface BacklogOrder {
  readonly path: string;
  readonly brokerUrl: string;
  /** It stops after so many messages. */
  readonly events: number;
}

/** What it was like. */
export interface BacklogReport {
  /** From `run()` to the first acknowledgement, in ms. */
  readonly firstMs: number;
  readonly eventsPerSecond: number;
  /** The most resident memory above that before `run()`, in bytes: up to the first {@link FEW} messages. */
  readonly fewBytes: number;
  /** The same, up to the end. */
  readonly allBytes: number;
}

const SAMPLE_MS = 5;
/** For the memory of the start to settle. */
const REST_MS = 500;

const { path, brokerUrl, events } = orderOf<BacklogOrder>();
let delivered = 0;
let fewBytes = 0;
let allBytes = 0;
let firstMs = NaN;
let lastMs = NaN;
const relay = createRelay({
  storage: libsqlStorage(path),
  transport: mqttTransport(brokerUrl),
  observe: ({ type }) => {
    if (type !== "message.delivered") return;
    delivered += 1;
    if (delivered === 1) firstMs = performance.now();
    if (delivered === FEW) fewBytes = look();
    if (delivered !== events) return;
    lastMs = performance.now();
    void relay.stop();
  },
});
await pause(REST_MS);
const idleBytes = process.memoryUsage.rss();
const timer = setInterval(look, SAMPLE_MS);
const beganMs = performance.now();
await relay.run();
clearInterval(timer);
await report(
  {
    firstMs: firstMs - beganMs,
    eventsPerSecond: (events - 1) / (lastMs - firstMs) * 1_000,
    fewBytes,
    allBytes,
  } satisfies BacklogReport,
);

function look(): number {
  allBytes = Math.max(allBytes, process.memoryUsage.rss() - idleBytes);
  return allBytes;
}
