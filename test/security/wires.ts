/**
 * Three ways to a subscriber: in memory, and over TCP in both versions of MQTT.
 *
 * @module
 */

import {
  decodeEvent,
  type ReceivedPacket,
  systemClock,
  type Transport,
} from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { createMemoryTransport } from "@mailboat/outbox/testing";
import { startAedes } from "../support/aedes_broker.ts";
import { startScriptedBroker } from "../support/scripted_broker.ts";
import type { Expected } from "./hostile_drafts.ts";

/** What arrived, with the id by which it is known. */
export interface Arrived extends Expected {
  readonly id: string;
}

/** A transport, and what came out at its end. */
export interface Wire {
  readonly transport: Transport;
  /** What arrived since the last call, in order. */
  arrived(): Promise<Arrived[]>;
  close(): Promise<void>;
}

/** Without a broker. */
export function memoryWire(): Promise<Wire> {
  const transport = createMemoryTransport({ clock: systemClock(), window: 64 });
  let seen = 0;
  return Promise.resolve({
    transport,
    arrived: () => {
      const since = transport.received.slice(seen);
      seen += since.length;
      return Promise.resolve(since.map(({ message }) => message));
    },
    close: () => Promise.resolve(),
  });
}

/** A broker of MQTT 3.1.1: the structured mode. */
export async function aedesWire(): Promise<Wire> {
  const { aedes, url, stop } = await startAedes();
  const arrived: Promise<Arrived>[] = [];
  aedes.on("publish", ({ topic, payload }, client) => {
    if (client === null) return;
    arrived.push(arrivalOf(topic, { payload: Buffer.from(payload) }));
  });
  return {
    transport: mqttTransport(url, { protocol: 4 }),
    arrived: () => Promise.all(arrived.splice(0)),
    close: stop,
  };
}

/** A broker of MQTT 5: the binary mode. */
export async function binaryWire(): Promise<Wire> {
  const broker = await startScriptedBroker();
  let seen = 0;
  return {
    transport: mqttTransport(broker.url),
    arrived: () => {
      const since = broker.published.slice(seen);
      seen += since.length;
      return Promise.all(
        since.map(({ topic, payload, properties }) =>
          arrivalOf(topic, {
            payload: new Uint8Array(Buffer.from(payload)),
            properties,
          })
        ),
      );
    },
    close: () => broker.close(),
  };
}

async function arrivalOf(
  topic: string,
  message: ReceivedPacket,
): Promise<Arrived> {
  const decoded = await decodeEvent(message);
  if (decoded.kind === "malformed") {
    throw new Error(`What arrived is no event: ${decoded.reason}`);
  }
  const { id, key, headers, data, contentType } = decoded.event;
  return {
    id,
    topic,
    key,
    headers,
    payload: data,
    contentType: contentType ?? "",
  };
}
