/**
 * An outage: what a relay costs whose broker is away, and how soon the first
 * message is acknowledged when the network is back.
 *
 * @module
 */

import { createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { connectAsync } from "mqtt";
import { setTimeout as pause } from "node:timers/promises";
import { backlogFile, copyOf } from "../database.ts";
import { checkCounted } from "../device.ts";
import { alone, compared } from "../figure.ts";
import { Gate } from "../gate.ts";
import { FULL_PACE, type IdlePace, secondsAt } from "../idle_pace.ts";
import { runProgram } from "../program.ts";
import type { IdleOrder, IdleReport } from "../programs/idle.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atMost } from "../target.ts";

const MESSAGES = 1_000;
const KEYS = 100;

const QUICK: IdlePace = {
  leaseMs: 500,
  restMs: 3_000,
  watchMs: 2_000,
  times: 1,
};

/** Watches a relay whose broker is away, and its return. */
export const outage: Scenario = {
  name: "outage",
  summary: "CPU of a relay offline; network back to first message",
  needsBroker: true,
  async run(bench) {
    checkCounted();
    const gate = new Gate(bench.brokerUrl);
    const start = await backlogFile({
      folder: bench.folder,
      events: MESSAGES,
      keys: KEYS,
    });
    const offline = await watched(bench, await gate.url(), start);
    const back = await returns(bench, gate, start);
    return [
      alone("offline: CPU of one core", "%", offline.cpuPercent, atMost(1)),
      alone("offline: written to the device", "bytes", offline.writtenBytes),
      compared({
        figure: "network back to first acknowledgement",
        unit: "ms",
        ours: back.map(({ relayMs }) => relayMs),
        against: "mqtt.js, connecting",
        reference: back.map(({ bareMs }) => bareMs),
        target: atMost(1_000),
      }),
    ];
  },
};

async function watched(
  { quick, note }: Bench,
  brokerUrl: string,
  start: string,
): Promise<IdleReport> {
  const pace = quick ? QUICK : FULL_PACE;
  note(`offline for ${secondsAt(pace)} s`);
  const path = copyOf(start, "offline");
  const order: IdleOrder = { path, brokerUrl, pollMs: 1_000, ...pace };
  return await runProgram<IdleReport>("idle", { order });
}

/** How long after the return of the network each of them got through. */
interface Return {
  readonly relayMs: number;
  readonly bareMs: number;
}

async function returns(
  { quick, note }: Bench,
  gate: Gate,
  start: string,
): Promise<Return[]> {
  const rounds = quick ? 3 : 20;
  const found: Return[] = [];
  // What is loaded only with the first connection is not measured.
  for (let round = 0; round <= rounds; round++) {
    note(`outage ${round} of ${rounds}`);
    const path = copyOf(start, "returns");
    const relayMs = await firstMessageMs(gate, path);
    const bareMs = await connectMs(await gate.url());
    await gate.close();
    if (round > 0) found.push({ relayMs, bareMs });
  }
  return found;
}

/** Leaves the gate open. */
async function firstMessageMs(gate: Gate, path: string): Promise<number> {
  let delivered = () => {};
  const first = new Promise<void>((resolve) => delivered = resolve);
  const relay = createRelay({
    storage: libsqlStorage(path),
    transport: mqttTransport(await gate.url()),
    // Nobody waits for the end of this back-off.
    reconnectBaseMs: 600_000,
    reconnectCapMs: 600_000,
    observe: ({ type }) => {
      if (type === "message.delivered") delivered();
    },
  });
  const running = relay.run();
  while (relay.status().link.kind !== "waiting") await pause(5);
  await gate.open();
  const openedMs = performance.now();
  relay.online();
  await first;
  const tookMs = performance.now() - openedMs;
  await relay.stop();
  await running;
  return tookMs;
}

async function connectMs(url: string): Promise<number> {
  const beganMs = performance.now();
  const client = await connectAsync(url, { protocolVersion: 5 });
  const tookMs = performance.now() - beganMs;
  await client.endAsync();
  return tookMs;
}
