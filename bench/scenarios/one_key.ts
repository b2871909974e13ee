/**
 * One key in strict order: nothing goes before the one before is recorded; and
 * in pipelined order, where a window of them is on its way.
 *
 * In strict order one answer of the broker and one commit that reaches the disk
 * lie between two messages. Both are measured on their own in the same rounds,
 * as is a window of messages without an outbox.
 *
 * @module
 */

import { createClient } from "@libsql/client";
import type { Message, SendOrder } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { join } from "node:path";
import {
  backlogFile,
  copyOf,
  createDatabase,
  removeDatabase,
} from "../database.ts";
import { alone, compared } from "../figure.ts";
import { publishLoop } from "../publish_loop.ts";
import { readingOf } from "../reading.ts";
import { relayRun } from "../relay_run.ts";
import { inRounds } from "../rounds.ts";
import type { Bench, Scenario } from "../scenario.ts";
import { atLeast, type Target } from "../target.ts";

/** Of the transport, by default; and of a lane. */
const WINDOW = 64;
/** So many keys fill it by themselves. */
const KEYS = 1_000;

/** Drains events of one key. */
export const oneKey: Scenario = {
  name: "one-key",
  summary: "events/s of one key, beside 1 ÷ round trip, and with a commit each",
  needsBroker: true,
  async run(bench) {
    const events = bench.quick ? 500 : 5_000;
    const { brokerUrl } = bench;
    const one = { brokerUrl, keys: 1, window: 1, attributes: false };
    const many = { ...one, window: WINDOW, attributes: true };
    const resultsOf = await inRounds({
      rounds: bench.quick ? 1 : 5,
      warmUp: !bench.quick,
      note: bench.note,
      contestants: [
        ["relay", () => relay(bench, { events, order: "strict" })],
        ["pipelined", () => relay(bench, { events, order: "pipelined" })],
        ["many keys", () => relay(bench, { events, keys: KEYS })],
        ["mqtt.js, one at a time", () => publishLoop({ ...one, events })],
        ["mqtt.js, a window", () => publishLoop({ ...many, events })],
        ["transport, one at a time", () => roundTrips(bench, events)],
        ["commit, one at a time", () => commits(bench, events)],
      ],
    });
    const rate = (tookMs: number) => events / tookMs * 1_000;
    const roundTripMs = resultsOf("transport, one at a time");
    const commitMs = resultsOf("commit, one at a time");
    const beside = (
      against: string,
      tookMs: readonly number[],
      target?: Target,
    ) =>
      compared({
        figure: "strict",
        unit: "events/s",
        ours: resultsOf("relay").map(rate),
        against,
        reference: tookMs.map(rate),
        ...target && { target },
      });
    const pipelined = resultsOf("pipelined").map(rate);
    const besidePipelined = (
      against: string,
      tookMs: readonly number[],
      target?: Target,
    ) =>
      compared({
        figure: "pipelined",
        unit: "events/s",
        ours: pipelined,
        against,
        reference: tookMs.map(rate),
        ...target && { target },
      });
    const sums = roundTripMs.map((ms, round) => ms + (commitMs[round] ?? 0));
    return [
      beside(
        "1 ÷ round trip (mqtt.js)",
        resultsOf("mqtt.js, one at a time"),
        atLeast(0.9, "ratio"),
      ),
      beside("1 ÷ round trip (our transport)", roundTripMs),
      beside("1 ÷ (round trip + FULL commit)", sums),
      besidePipelined("strict", resultsOf("relay")),
      besidePipelined(
        `${KEYS} keys, strict`,
        resultsOf("many keys"),
        atLeast(0.8, "ratio"),
      ),
      besidePipelined(
        `publish-only mqtt.js, window ${WINDOW}`,
        resultsOf("mqtt.js, a window"),
      ),
      alone("round trip", "ms", roundTripMs.map((ms) => ms / events)),
      alone(
        "FULL commit of one DELETE",
        "ms",
        commitMs.map((ms) => ms / events),
      ),
    ];
  },
};

async function relay(
  { brokerUrl, folder }: Bench,
  { events, keys = 1, order = "strict" }: {
    readonly events: number;
    readonly keys?: number;
    readonly order?: SendOrder;
  },
): Promise<number> {
  const backlog = await backlogFile({ folder, events, keys });
  const path = copyOf(backlog, "one_key");
  const own = { order, laneWindow: WINDOW };
  return relayRun({ path, brokerUrl, events, relay: own });
}

async function roundTrips(bench: Bench, events: number): Promise<number> {
  const connection = await mqttTransport(bench.brokerUrl).connect({
    identity: "one-key",
    signal: AbortSignal.timeout(10_000),
  });
  const beganMs = performance.now();
  for (let n = 0; n < events; n++) await connection.send(messageOf(n));
  const tookMs = performance.now() - beganMs;
  await connection.close();
  return tookMs;
}

function messageOf(n: number): Message {
  return {
    seq: n + 1,
    id: "0198c2f6-5b1a-7c3d-9a41-0f6d2f3b7e10",
    event: "meter.read",
    topic: "meters/m-0",
    key: "m-0",
    payload: new TextEncoder().encode(JSON.stringify(readingOf(n, 1))),
    contentType: "application/json",
    headers: {},
    responseTopic: null,
    correlationData: null,
    qos: 1,
    retain: false,
    onDead: null,
    enqueuedAtMs: 1_700_000_000_000,
    ttlMs: null,
    position: null,
  };
}

/** The least that a settle can be: one row deleted, and on the disk. */
async function commits(bench: Bench, events: number): Promise<number> {
  const path = join(bench.folder, "commits.db");
  removeDatabase(path);
  const client = await createDatabase(path);
  const insert = "INSERT INTO hand VALUES (?, '', '', '', '', 0, ?)";
  const payload = new Uint8Array(256);
  await client.batch(
    Array.from(
      { length: events },
      (_, n) => ({ sql: insert, args: [n, payload] }),
    ),
    "write",
  );
  client.close();
  const own = createClient({ url: `file:${path}` });
  const beganMs = performance.now();
  for (let n = 0; n < events; n++) {
    const sql = "DELETE FROM hand WHERE seq = ?";
    await own.batch([{ sql, args: [n] }], "write");
  }
  const tookMs = performance.now() - beganMs;
  own.close();
  return tookMs;
}
