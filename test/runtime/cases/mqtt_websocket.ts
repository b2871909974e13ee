/**
 * MQTT 5 over a WebSocket, from a runtime that cannot listen.
 *
 * @module
 */

import { mqttTransport } from "@mailboat/outbox/mqtt";
import {
  type ConformanceCase,
  type ReceivedMessage,
  transportConformance,
  type TransportHarness,
} from "@mailboat/outbox/testing";
import type { Order, Started, ToldMessage } from "../remote_brokers.ts";

/** How long to wait before asking again what the broker received. */
const POLL_MS = 5;

/** The cases; `BROKERS` is what starts brokers. */
export function cases(
  { BROKERS }: { readonly BROKERS: string },
): readonly ConformanceCase[] {
  return transportConformance({ create: () => createHarness(BROKERS) });
}

async function createHarness(brokers: string): Promise<TransportHarness> {
  const { number, url, refusedTopic } = await ask<Started>(`${brokers}/`);
  const heard: ReceivedMessage[] = [];
  const pull = async () => {
    const place = `${brokers}/${number}/${heard.length}`;
    heard.push(...(await ask<ToldMessage[]>(place)).map(receivedOf));
  };
  let pulled = Promise.resolve();
  let isOpen = true;
  const listen = async () => {
    while (isOpen) {
      await (pulled = pulled.then(pull));
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  };
  const listening = listen();
  const order = (what: Order) => async () => {
    await ask<null>(`${brokers}/${number}/${what}`);
    // What came before the order is known after it.
    await (pulled = pulled.then(pull));
  };
  return {
    transport: mqttTransport(url),
    refusedTopic,
    replaces: false,
    received: () => heard,
    hang: order("hang"),
    resume: order("resume"),
    cut: order("cut"),
    refuse: order("refuse"),
    stop: order("stop"),
    close: async () => {
      isOpen = false;
      await listening;
      await order("close")();
    },
  };
}

function receivedOf({ payload, ...message }: ToldMessage): ReceivedMessage {
  return { ...message, payload: Uint8Array.from(payload) };
}

async function ask<Answer>(url: string): Promise<Answer> {
  const response = await fetch(url, { method: "POST" });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
  return JSON.parse(text) as Answer;
}
