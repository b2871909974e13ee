/**
 * A process that has nothing to do, and counts what that costs.
 *
 * @module
 */

import { createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { connectAsync } from "mqtt";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { writtenBytes } from "../device.ts";
import { orderOf, report } from "../program.ts";

/** What does nothing, and how long. */
export interface IdleOrder {
  readonly path: string;
  readonly brokerUrl: string;
  /** A relay that polls so often, or mqtt.js, connected. */
  readonly pollMs: number | null;
  readonly leaseMs: number;
  /** Until the lease has lapsed and the start is forgotten. */
  readonly restMs: number;
  /** So long is looked at once, and so often. */
  readonly watchMs: number;
  readonly times: number;
}

/** What each of the times cost. */
export interface IdleReport {
  readonly cpuPercent: readonly number[];
  readonly writtenBytes: readonly number[];
}

const { path, brokerUrl, pollMs, ...order } = orderOf<IdleOrder>();
const stop = pollMs === null ? await mqttJs() : relay(pollMs, order.leaseMs);
await pause(order.restMs);
const cpuPercent: number[] = [];
const written: number[] = [];
for (let time = 0; time < order.times; time++) {
  const bytes = writtenBytes();
  const used = process.cpuUsage();
  const beganMs = performance.now();
  await pause(order.watchMs);
  const tookMs = performance.now() - beganMs;
  const { user, system } = process.cpuUsage(used);
  cpuPercent.push((user + system) / 1_000 / tookMs * 100);
  written.push(writtenBytes() - bytes);
}
await stop();
await report(
  { cpuPercent, writtenBytes: written } satisfies IdleReport,
);

function relay(pollMs: number, leaseMs: number): () => Promise<unknown> {
  const relay = createRelay({
    storage: libsqlStorage(path),
    transport: mqttTransport(brokerUrl),
    pollMs,
    leaseMs,
  });
  const running = relay.run();
  return () => Promise.all([relay.stop(), running]);
}

async function mqttJs(): Promise<() => Promise<unknown>> {
  const client = await connectAsync(brokerUrl, {
    protocolVersion: 5,
    keepalive: 30,
  });
  return () => client.endAsync();
}
