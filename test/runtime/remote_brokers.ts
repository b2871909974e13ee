/**
 * Brokers for a runtime that cannot listen: they run beside it, take MQTT over
 * WebSockets, and do what they are told over HTTP.
 *
 * `POST /` starts one; `POST /NUMBER/ORDER` tells it what the harness of the
 * conformance cases is told: `hang`, `resume`, `cut`, `refuse`, `stop`,
 * `close`; `GET /NUMBER/FROM` lists what it received, without the first ones.
 *
 * @module
 */

import type { TransportHarness } from "@mailboat/outbox/testing";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createMqttHarness } from "../conformance/mqtt_harness.ts";
import { type BrokerFront, startFront } from "../support/broker_front.ts";

/** A message as it is told; the payload as numbers. */
export interface ToldMessage {
  readonly id: string;
  readonly topic: string;
  readonly payload: readonly number[];
  readonly remainingMs: number | null;
}

/** What the start of a broker answers. */
export interface Started {
  readonly number: number;
  /** Where it takes MQTT. */
  readonly url: string;
  readonly refusedTopic: string;
}

const orders = ["hang", "resume", "cut", "refuse", "stop", "close"] as const;

/** What a broker can be told. */
export type Order = (typeof orders)[number];

/** What starts brokers, listening. */
export interface RemoteBrokers {
  readonly url: string;
  /** Ends it; brokers are closed by whoever started them. */
  close(): void;
}

interface Broker {
  readonly harness: TransportHarness;
  readonly front: BrokerFront;
}

/** Listens on a free port of the loopback address. */
export async function startRemoteBrokers(): Promise<RemoteBrokers> {
  const brokers: Broker[] = [];
  const server = createServer((request, response) => {
    answerTo(request.url ?? "/", brokers).then(
      (answer) => response.end(JSON.stringify(answer)),
      (error) => response.writeHead(500).end(String(error)),
    );
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answerTo(
  path: string,
  brokers: Broker[],
): Promise<Started | readonly ToldMessage[] | null> {
  const [, number = "", what = ""] = path.split("/");
  if (number === "") return await started(brokers);
  const { harness, front } = brokers[Number(number)]!;
  const order = orders.find((one) => one === what);
  if (order === undefined) return told(harness, Number(what));
  if (order === "stop" || order === "close") await front.close();
  await harness[order]();
  return null;
}

async function started(brokers: Broker[]): Promise<Started> {
  const harness = await createMqttHarness();
  const { transport, refusedTopic } = harness;
  const port = Number(new URL(transport.name).port);
  const front = await startFront({ port, scheme: "ws" });
  const number = brokers.push({ harness, front }) - 1;
  return { number, url: `ws://127.0.0.1:${front.port}`, refusedTopic };
}

function told(
  { received }: TransportHarness,
  from: number,
): readonly ToldMessage[] {
  return received().slice(from).map(({ payload, ...message }) => ({
    ...message,
    payload: [...payload],
  }));
}
