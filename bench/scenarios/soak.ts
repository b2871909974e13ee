/**
 * A soak: 500 events a second for as long as one has patience, over a broker
 * that is restarted again and again.
 *
 * Writer, relay and broker are processes of their own; the subscriber is in
 * this one. All read the clock of the machine.
 *
 * @module
 */

import { statSync } from "node:fs";
import { loadavg } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createDatabase, removeDatabase } from "../database.ts";
import { machineClockMs } from "../machine_clock.ts";
import type { Vitals } from "../programs/soak_relay.ts";
import type { Committed, SoakWriterOrder } from "../programs/soak_writer.ts";
import { short } from "../report.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { SoakBroker } from "../soak/broker.ts";
import { LastingProgram } from "../soak/lasting_program.ts";
import { Ledger } from "../soak/ledger.ts";
import { subscribeTo } from "../soak/subscriber.ts";
import {
  courseOf,
  type Plan,
  quantileOf,
  type Sample,
  verdictOf,
} from "../soak/verdict.ts";

const KEYS = 200;
/** The default of the transport; the broker grants it. */
const PLAN: Plan = { eventsPerSecond: 500, window: 64 };
/** A transaction each 20 ms, as of a gateway that asks ten meters at a time. */
const PER_TRANSACTION = 10;

const SAMPLE_MS = 10_000;
const AWAY_MS = 3_000;
/** As short as the soak may be, the broker is restarted a few times. */
const RESTARTS_LEAST = 4;
const RESTART_EVERY_MS = 180_000;
/** What is committed may take so long to arrive, at the end. */
const END_MS = 60_000;
const QUICK_MINUTES = 1;
const MIB = 2 ** 20;

/** One row for each meter: what grows is ours. */
const METER_TABLE = "CREATE TABLE meter (meter text PRIMARY KEY, n integer)";

/** Soaks. */
export const soak: Scenario = {
  name: "soak",
  summary: "500 events/s over restarts of the broker: what grows",
  needsBroker: true,
  isLong: true,
  async run(bench) {
    const { quick, minutes, folder } = bench;
    const forMs = Math.min(minutes, quick ? QUICK_MINUTES : Infinity) * 60_000;
    const path = join(folder, "soak.db");
    removeDatabase(path);
    const client = await createDatabase(path);
    await client.execute(METER_TABLE);
    client.close();
    const broker = await SoakBroker.start(folder);
    try {
      return await soaked(bench, { forMs, path, broker });
    } finally {
      await broker.stop();
    }
  },
};

interface Site {
  readonly forMs: number;
  readonly path: string;
  readonly broker: SoakBroker;
}

async function soaked(bench: Bench, site: Site) {
  const { path, broker, forMs } = site;
  const ledger = new Ledger(KEYS);
  const subscriber = await subscribeTo(broker.url, ledger);
  const relay = new LastingProgram("soak_relay", {
    path,
    brokerUrl: broker.url,
  });
  const writer = new LastingProgram(
    "soak_writer",
    {
      path,
      keys: KEYS,
      perTransaction: PER_TRANSACTION,
      everyMs: PER_TRANSACTION / PLAN.eventsPerSecond * 1_000,
    } satisfies SoakWriterOrder,
  );
  writer.child.on("message", (its) => {
    const { first, count, atMs } = its as Committed;
    ledger.commit(first, count, atMs);
  });
  try {
    const beganMs = machineClockMs();
    const samples: Sample[] = [];
    await Promise.race([
      relay.broken,
      writer.broken,
      Promise.all([
        restarts(site, ledger, beganMs),
        watch(site, { ledger, relay, samples, beganMs, note: bench.note }),
      ]),
    ]);
    await writer.end("message");
    await emptied(ledger);
    bench.plot(courseOf(samples, ledger, beganMs));
    bench.note(`${short(forMs / 60_000)} minutes are over`);
    return verdictOf(samples, ledger, PLAN);
  } finally {
    await writer.end();
    await relay.end();
    await subscriber.close();
  }
}

/** Restarts the broker at its times, until the end is near. */
async function restarts(
  { forMs, broker }: Site,
  ledger: Ledger,
  beganMs: number,
): Promise<void> {
  const everyMs = Math.min(RESTART_EVERY_MS, forMs / (RESTARTS_LEAST + 1));
  for (let atMs = everyMs; atMs < forMs - everyMs / 2; atMs += everyMs) {
    await until(beganMs + atMs);
    ledger.brokerStops(machineClockMs());
    await broker.stop();
    await pause(AWAY_MS);
    await broker.start();
    ledger.brokerIsBack(machineClockMs());
  }
}

/** Looks at everything, again and again. */
async function watch(
  { forMs, path }: Site,
  { ledger, relay, samples, beganMs, note }: {
    readonly ledger: Ledger;
    readonly relay: LastingProgram;
    readonly samples: Sample[];
    readonly beganMs: number;
    readonly note: (progress: string) => void;
  },
): Promise<void> {
  let before = { atMs: beganMs, committed: 0 };
  for (let at = SAMPLE_MS; at <= forMs; at += SAMPLE_MS) {
    await until(beganMs + at);
    const vitals = await relay.ask<Vitals>();
    if (samples.length === 0) note(`durability: ${vitals.durability}`);
    const { steadyMs, heldUp } = ledger.takeArrivals();
    const atMs = machineClockMs();
    const { committed, underWay, duplicates, outOfOrder } = ledger;
    const sample: Sample = {
      minute: (atMs - beganMs) / 60_000,
      rssMiB: vitals.rssBytes / MIB,
      heapMiB: vitals.heapUsedBytes / MIB,
      fileMiB: statSync(path).size / MIB,
      walMiB: statSync(`${path}-wal`).size / MIB,
      p50Ms: quantileOf(steadyMs, 0.5),
      p99Ms: quantileOf(steadyMs, 0.99),
      backlog: underWay,
      load: loadavg()[0]!,
      committedPerSecond: (committed - before.committed) /
        (atMs - before.atMs) * 1_000,
    };
    before = { atMs, committed };
    samples.push(sample);
    const numbers = Object.entries({ ...sample, duplicates, outOfOrder })
      .map(([name, value]) => `${name} ${value === null ? "-" : short(value)}`);
    note(`${numbers.join(", ")}, held up ${heldUp}`);
  }
}

/** Waits for what is under way; what does not come in time is lost. */
async function emptied(ledger: Ledger): Promise<void> {
  const deadlineMs = machineClockMs() + END_MS;
  while (ledger.underWay > 0 && machineClockMs() < deadlineMs) await pause(50);
  // A copy that nobody waits for would come now.
  await pause(1_000);
}

async function until(atMs: number): Promise<void> {
  await pause(Math.max(0, atMs - machineClockMs()));
}
