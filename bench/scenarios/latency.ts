/**
 * Latency: from the commit to the subscriber, at 100 events a second.
 *
 * Writer and subscriber are in this process and read one clock.
 *
 * @module
 */

import { createOutbox, createRelay } from "@mailboat/outbox";
import { libsqlStorage } from "@mailboat/outbox/libsql";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { connectAsync } from "mqtt";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { createDatabase, removeDatabase } from "../database.ts";
import { compared } from "../figure.ts";
import { INSERT_READING } from "../hand_written.ts";
import { startProgram } from "../program.ts";
import { noDelay } from "../publish_loop.ts";
import { meterRead, readingOf } from "../reading.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { quantile } from "../statistics.ts";
import { subscribe } from "../subscriber.ts";
import { atMost } from "../target.ts";

const KEYS = 100;
const EVERY_MS = 10;
/** Events that do not count: connecting, taking the lease, warming up. */
const FIRST = 50;

const TARGETS = {
  "in process": { p50: atMost(2, "ratio"), p99: atMost(10, "difference") },
  "across processes": {
    p50: atMost(5, "difference"),
    p99: atMost(10, "difference"),
  },
} as const;

/** Commits, and waits for what arrives. */
export const latency: Scenario = {
  name: "latency",
  summary: "commit to subscriber at 100 events/s, beside a bare publish",
  needsBroker: true,
  async run(bench) {
    const events = FIRST + (bench.quick ? 60 : 500);
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 5,
      warmUp: false,
      note: bench.note,
      contestants: [
        ["bare publish", () => barePublish(bench, events)],
        ["in process", () => throughRelay(bench, events, relayHere)],
        ["across processes", () => throughRelay(bench, events, relayElsewhere)],
      ],
    });
    return (["in process", "across processes"] as const).flatMap((where) =>
      (["p50", "p99"] as const).map((at) =>
        compared({
          figure: `${where}, ${at}`,
          unit: "ms",
          ours: resultsOf(where).map((delay) => delay[at]),
          against: "bare publish",
          reference: resultsOf("bare publish").map((delay) => delay[at]),
          target: TARGETS[where][at],
        })
      )
    );
  },
};

interface Delay {
  readonly p50: number;
  readonly p99: number;
}

/** Sends reading `n`; resolves with the instant since which it may be on its way. */
type Send = (n: number) => Promise<number>;

/** Sends at a steady pace; resolves with how long the readings were on their way. */
async function paced(
  brokerUrl: string,
  events: number,
  send: Send,
): Promise<Delay> {
  const subscriber = await subscribe(brokerUrl);
  try {
    const sends: Promise<number>[] = [];
    const beganMs = performance.now();
    for (let n = 0; n < events; n++) {
      await pause(Math.max(0, beganMs + n * EVERY_MS - performance.now()));
      const sentMs = await send(n);
      const onItsWay = subscriber.arrival(n).then((atMs) => atMs - sentMs);
      // Looked at below, unless a later send fails first.
      onItsWay.catch(() => {});
      sends.push(onItsWay);
    }
    const tookMs = (await Promise.all(sends)).slice(FIRST);
    return { p50: quantile(tookMs, 0.5), p99: quantile(tookMs, 0.99) };
  } finally {
    await subscriber.close();
  }
}

async function barePublish(bench: Bench, events: number): Promise<Delay> {
  const { brokerUrl } = bench;
  const client = await connectAsync(brokerUrl, { protocolVersion: 5 });
  noDelay(client.stream);
  const delay = await paced(brokerUrl, events, (n) => {
    const reading = readingOf(n, KEYS);
    const payload = JSON.stringify(reading);
    const sentMs = performance.now();
    client.publish(`meters/${reading.meter}`, payload, { qos: 1 });
    return Promise.resolve(sentMs);
  });
  await client.endAsync(true);
  return delay;
}

type Storage = ReturnType<typeof libsqlStorage>;
/** Starts a relay; returns what ends it. */
type StartRelay = (
  options: { storage: Storage; path: string; brokerUrl: string },
) => () => Promise<unknown>;

const relayHere: StartRelay = ({ storage, brokerUrl }) => {
  const relay = createRelay({ storage, transport: mqttTransport(brokerUrl) });
  const running = relay.run();
  return () => Promise.all([relay.stop(), running]);
};

const relayElsewhere: StartRelay = ({ path, brokerUrl }) => {
  const child = startProgram("relay", { order: { path, brokerUrl } });
  const ended = once(child, "exit");
  return () => {
    child.disconnect();
    return ended;
  };
};

async function throughRelay(
  bench: Bench,
  events: number,
  startRelay: StartRelay,
): Promise<Delay> {
  const { brokerUrl, folder } = bench;
  const path = join(folder, "latency.db");
  removeDatabase(path);
  const client = await createDatabase(path);
  const storage = libsqlStorage(client);
  const outbox = createOutbox({ storage });
  const stopRelay = startRelay({ storage, path, brokerUrl });
  try {
    return await paced(brokerUrl, events, async (n) => {
      const reading = readingOf(n, KEYS);
      const tx = await client.transaction("write");
      await tx.execute({ sql: INSERT_READING, args: [reading.meter, n] });
      await outbox.enqueue(tx, meterRead(reading));
      await tx.commit();
      return performance.now();
    });
  } finally {
    await stopRelay();
    client.close();
  }
}
