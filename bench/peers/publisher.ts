/**
 * How the queues publish: mqtt.js, one connection, one promise for each event.
 *
 * @module
 */

import { connectAsync } from "mqtt";
import { noDelay } from "../publish_loop.ts";
import { eventOf } from "./peer.ts";

/** A connection. */
export interface Publisher {
  /** Publishes event `n`; resolves with the acknowledgement. */
  publish(n: number): Promise<unknown>;
  close(): Promise<void>;
}

/** Connects. */
export async function publisherTo(brokerUrl: string): Promise<Publisher> {
  const client = await connectAsync(brokerUrl, { protocolVersion: 5 });
  noDelay(client.stream);
  return {
    publish(n) {
      const event = eventOf(n);
      const payload = JSON.stringify(event);
      return client.publishAsync(`meters/${event.meter}`, payload, { qos: 1 });
    },
    close: () => client.endAsync(true),
  };
}
