/**
 * The service: HTTP in, MQTT out, and one SQLite file between them.
 *
 * It may be killed at any instant: what it answered with 201 is in its
 * database, and the next one that is started on the same file delivers it.
 *
 * @module
 */

import { createRelay } from "@mailboat/outbox";
import { mqttTransport } from "@mailboat/outbox/mqtt";
import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { openReadings } from "./readings.ts";
import { createReadingsServer } from "./requests.ts";

/** What a service needs. */
export interface ServiceOptions {
  /** Its database file. */
  readonly file: string;
  /** The port on the loopback interface; 0 for a free one. */
  readonly port: number;
  /** `mqtt://host:1883`. */
  readonly brokerUrl: string;
}

/** A running service. */
export interface Service {
  /** Where it listens. */
  readonly url: string;
  /** Answers what has been asked, delivers what is on its way, and ends. */
  stop(): Promise<void>;
}

/** Starts a service; resolves when it takes requests. */
export async function startService(
  { file, port, brokerUrl }: ServiceOptions,
): Promise<Service> {
  const readings = await openReadings(file);
  const relay = createRelay({
    storage: readings.storage,
    // What every broker speaks. MQTT 5, the default, also tells why a message
    // was refused.
    transport: mqttTransport(brokerUrl, {
      source: "/node-service",
      protocol: 4,
    }),
    // There is no other relay: after a crash nobody need be waited for for long.
    leaseMs: 2_000,
    observe: (event) => {
      if (event.type === "message.dead") console.error(event.failure.reason);
    },
  });
  const relaying = relay.run();

  const server = createReadingsServer(readings).listen(port, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    stop: async () => {
      const closed = once(server, "close");
      server.close();
      server.closeIdleConnections();
      await closed;
      // What it cannot deliver now waits in the file.
      await relay.stop({ graceMs: 5_000 });
      await relaying;
      readings.close();
    },
  };
}
