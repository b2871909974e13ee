/**
 * A drain within a request: it delivers over a WebSocket, keeps its budget
 * whatever the broker does, and leaves nothing behind.
 */

import { afterAll, beforeEach, expect, test } from "vitest";
import { type Miniflare, startWorker } from "../../examples/stage/workerd.ts";
import { startAedes } from "../support/aedes_broker.ts";
import { type BrokerFront, startFront } from "../support/broker_front.ts";
import { eventually } from "../support/eventually.ts";
import {
  type Answer,
  type ScriptedBroker,
  startScriptedBroker,
  type Welcome,
} from "../support/scripted_broker.ts";
import type { Cost } from "./workers/metered_database.ts";

let answer: Answer = 0x00;
let welcome: Welcome = {};
const broker: ScriptedBroker = await startScriptedBroker({
  answer: () => answer,
  get welcome() {
    return welcome;
  },
});
const front: BrokerFront = await startFront({
  port: broker.port,
  scheme: "ws",
});
const worker: Miniflare = await drainer(front.url);

afterAll(async () => {
  await worker.dispose();
  await front.close();
  await broker.close();
});

beforeEach(() => {
  answer = 0x00;
  welcome = {};
});

interface Report {
  readonly reason: string;
  readonly delivered: number;
  readonly pending: number;
  readonly tookMs: number;
  readonly cost: Cost;
}

test("everything is delivered at QoS 1, and nothing is left behind", async () => {
  await fill(worker, 40);
  const before = broker.published.length;
  const { reason, delivered, pending } = await drain(worker, 10_000);
  expect({ reason, delivered, pending }).toEqual(
    { reason: "empty", delivered: 40, pending: 0 },
  );
  const published = broker.published.slice(before);
  expect(new Set(published.map(({ qos }) => qos))).toEqual(new Set([1]));
  for (const key of ["0", "1", "2", "3"]) {
    const order = published.filter(({ topic }) => topic === `counts/${key}`)
      .map(({ payload }) => JSON.parse(String(payload)).n as number);
    expect(order).toEqual(Array.from({ length: 10 }, (_, at) => 4 * at + +key));
  }
  await eventually(() => broker.sockets === 0, "the connection ends");
});

test("a broker that acknowledges nothing does not hold it beyond its budget", async () => {
  await fill(worker, 8);
  answer = "hold";
  const { delivered, pending, tookMs } = await drain(worker, 2_000);
  expect({ delivered, pending }).toEqual({ delivered: 0, pending: 0 });
  expect(tookMs).toBeLessThan(2_500);
  await eventually(() => broker.sockets === 0, "the connection ends");
});

test("nor does one that answers no CONNECT", async () => {
  await fill(worker, 8);
  welcome = "silence";
  const { delivered, pending, tookMs } = await drain(worker, 2_000);
  expect({ delivered, pending }).toEqual({ delivered: 0, pending: 0 });
  expect(tookMs).toBeLessThan(2_500);
  await eventually(() => broker.sockets === 0, "the connection ends");
});

test("a broker that is not there is known before the budget is over", async () => {
  const lonely = await drainer("ws://127.0.0.1:9");
  try {
    await fill(lonely, 4);
    const { reason, pending, tookMs } = await drain(lonely, 10_000);
    expect({ reason, pending }).toEqual({ reason: "unavailable", pending: 0 });
    expect(tookMs).toBeLessThan(10_000);
  } finally {
    await lonely.dispose();
  }
});

test("a real broker of MQTT 3.1.1 refuses 5, and is told of as unavailable", async () => {
  const aedes = await startAedes();
  const other = await drainer(aedes.webUrl);
  try {
    await fill(other, 4);
    const { reason, pending } = await drain(other, 5_000);
    expect({ reason, pending }).toEqual({ reason: "unavailable", pending: 0 });
  } finally {
    await other.dispose();
    await aedes.stop();
  }
});

test("what a message costs is what the page says", async () => {
  expect(await fill(worker, 1)).toMatchObject({ requests: 1, rowsWritten: 1 });
  const one = await drain(worker, 10_000);
  expect(one.cost.rowsWritten).toBeLessThanOrEqual(6);
  expect(one.cost.requests).toBeLessThanOrEqual(20);
  const many = await fill(worker, 400);
  expect(many).toMatchObject({ requests: 1, rowsWritten: 400 });
  const { cost } = await drain(worker, 20_000);
  // One for each message, which removes it, and those of the lease.
  expect(cost.rowsWritten).toBeLessThanOrEqual(420);
  expect(cost.rowsRead / 400).toBeLessThan(40);
});

function drainer(url: string): Promise<Miniflare> {
  return startWorker({
    entry: "test/edge/workers/drainer.ts",
    platform: {
      compatibilityFlags: ["nodejs_compat"],
      d1Databases: ["DB"],
      bindings: { BROKER: url },
    },
  });
}

async function fill(to: Miniflare, messages: number): Promise<Cost> {
  return await ask(to, `fill?messages=${messages}`);
}

async function drain(to: Miniflare, budgetMs: number): Promise<Report> {
  return await ask(to, `drain?budgetMs=${budgetMs}`);
}

async function ask<Answer>(to: Miniflare, what: string): Promise<Answer> {
  const response = await to.dispatchFetch(`http://drainer/${what}`, {
    method: "POST",
  });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as Answer;
}
