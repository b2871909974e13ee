/**
 * The subscriber of a soak: it stays subscribed over restarts of the broker.
 *
 * @module
 */

import { connectAsync } from "mqtt";
import { machineClockMs } from "../machine_clock.ts";
import { noDelay } from "../publish_loop.ts";
import type { Reading } from "../reading.ts";
import type { Ledger } from "./ledger.ts";

/** How soon it looks whether the broker is back. */
const RECONNECT_MS = 100;

/** Enters all readings into a ledger, until it is closed. */
export async function subscribeTo(
  brokerUrl: string,
  ledger: Ledger,
): Promise<{ close(): Promise<void> }> {
  const client = await connectAsync(brokerUrl, {
    protocolVersion: 5,
    clientId: "soak-subscriber",
    clean: false,
    properties: { sessionExpiryInterval: 3_600 },
    reconnectPeriod: RECONNECT_MS,
  });
  client.on("connect", () => noDelay(client.stream));
  // That the broker is away is what is wanted.
  client.on("error", () => {});
  client.on("message", (_topic, payload, { dup }) => {
    const atMs = machineClockMs();
    const { n } = JSON.parse(payload.toString()) as Reading;
    ledger.arrive({ n, atMs, isRedelivery: dup });
  });
  noDelay(client.stream);
  await client.subscribeAsync("meters/#", { qos: 1 });
  return { close: () => client.endAsync(true) };
}
