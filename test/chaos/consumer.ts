/**
 * A consumer with a session that outlives its connections.
 *
 * @module
 */

import type { HistoryMessage } from "@mailboat/outbox/testing";
import { connectAsync } from "mqtt";
import { receiptOf } from "../support/receipt.ts";

/** A consumer of every topic. */
export interface Consumer {
  /** The highest position of every key that has arrived. */
  readonly arrived: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * Subscribes; reconnects by itself. The broker may have one message under way
 * to it: with more, what it sends again after a lost connection comes as
 * 2, 3, 2, 3, and that would hide what relays do.
 */
export async function consume(
  url: string,
  onMessage: (message: HistoryMessage) => void,
): Promise<Consumer> {
  const client = await connectAsync(url, {
    protocolVersion: 5,
    clientId: "consumer",
    clean: false,
    reconnectPeriod: 50,
    properties: { sessionExpiryInterval: 86_400, receiveMaximum: 1 },
  });
  client.on("error", () => {});
  const arrived = new Map<string, number>();
  client.on("message", (_topic, _payload, packet) => {
    const { id, key, n } = receiptOf(packet);
    arrived.set(key, Math.max(n, arrived.get(key) ?? 0));
    onMessage({ id, key, position: n });
  });
  await client.subscribeAsync("#", { qos: 1 });
  return { arrived, close: () => client.endAsync(true) };
}
