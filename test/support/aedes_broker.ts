/**
 * A real broker of MQTT 3.1.1 in this process, over TCP and over WebSockets.
 *
 * @module
 */

import { Aedes } from "aedes";
import { once } from "node:events";
import { createServer as createWebServer } from "node:http";
import { createRequire } from "node:module";
import { type AddressInfo, createServer, type Server } from "node:net";
import type { Duplex } from "node:stream";

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

/** The part of ws that is used. It is a dependency of mqtt.js, so it is there. */
interface WebSockets {
  WebSocketServer: new (options: { server: object }) => {
    on(event: "connection", listener: (socket: object) => void): void;
  };
  createWebSocketStream(socket: object): Duplex;
}

/** Starts a broker on free ports of the loopback address. */
export async function startAedes(): Promise<AedesBroker> {
  const aedes = await Aedes.createBroker();
  const tcp = createServer((socket) => void aedes.handle(socket));
  const web = createWebServer();
  const { WebSocketServer, createWebSocketStream } = webSockets();
  new WebSocketServer({ server: web }).on("connection", (socket) => {
    const stream = createWebSocketStream(socket);
    stream.on("error", () => {});
    aedes.handle(stream);
  });
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

function webSockets(): WebSockets {
  const mqtt = createRequire(import.meta.url).resolve("mqtt");
  return createRequire(mqtt)("ws") as WebSockets;
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
