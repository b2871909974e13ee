/**
 * A real broker of MQTT 3.1.1 in this process, over TCP and over WebSockets.
 *
 * @module
 */

import { Aedes } from "aedes";
import { once } from "node:events";
import { createServer as createWebServer } from "node:http";
import { type AddressInfo, createServer, type Server } from "node:net";
import { acceptWebSockets } from "./web_sockets.ts";

/** A running broker. */
export interface AedesBroker {
  /** `mqtt://127.0.0.1:PORT`. */
  readonly url: string;
  /** `ws://127.0.0.1:PORT`. */
  readonly webUrl: string;
  /** The broker itself, for tests that look inside. */
  readonly aedes: Aedes;
  stop(): Promise<void>;
}

/** Starts a broker on free ports of the loopback address. */
export async function startAedes(): Promise<AedesBroker> {
  const aedes = await Aedes.createBroker();
  const tcp = createServer((socket) => void aedes.handle(socket));
  const web = createWebServer();
  acceptWebSockets(web, (stream) => void aedes.handle(stream));
  const [port, webPort] = await Promise.all([tcp, web].map(listening));
  return {
    url: `mqtt://127.0.0.1:${port}`,
    webUrl: `ws://127.0.0.1:${webPort}`,
    aedes,
    stop: async () => {
      await new Promise<void>((resolve) => aedes.close(resolve));
      web.closeAllConnections();
      await Promise.all([tcp, web].map(closed));
    },
  };
}

async function listening(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

async function closed(server: Server): Promise<void> {
  server.close();
  await once(server, "close");
}
