/**
 * The broker that needs no server to be installed.
 *
 * It speaks MQTT 3.1.1, and keeps sessions and messages in memory: whatever it
 * has acknowledged is lost with its process.
 *
 * @module
 */

import { Aedes } from "aedes";
import { createServer as createWebServer } from "node:http";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import type { Duplex } from "node:stream";
import { listening } from "./listening.ts";

/** A broker inside this process. */
export interface EmbeddedBroker {
  /** `mqtt://127.0.0.1:PORT`. */
  readonly url: string;
  /** Ends it, with every connection; until then the process stays. */
  stop(): Promise<void>;
}

/** Starts it in this process, on a free port. */
export async function startEmbeddedBroker(): Promise<EmbeddedBroker> {
  const broker = await Aedes.createBroker();
  const server = createServer(broker.handle);
  const port = await listening(server);
  return {
    url: `mqtt://127.0.0.1:${port}`,
    stop: async () => {
      server.close();
      await new Promise<void>((resolve) => broker.close(resolve));
    },
  };
}

/** A broker that is reached through WebSockets. */
export interface WebBroker {
  /** `ws://127.0.0.1:PORT`. */
  readonly url: string;
  /** Ends it. */
  close(): void;
}

/** Starts it on a WebSocket; tells what is published. */
export async function startWebBroker(
  onPublished: (topic: string, payload: string) => void,
): Promise<WebBroker> {
  const broker = await Aedes.createBroker();
  broker.on("publish", ({ topic, payload }, client) => {
    if (client !== null) onPublished(topic, payload.toString());
  });
  const server = createWebServer();
  const { WebSocketServer, createWebSocketStream } = webSockets();
  new WebSocketServer({ server }).on("connection", (socket) => {
    const stream = createWebSocketStream(socket);
    stream.on("error", () => {});
    void broker.handle(stream);
  });
  const port = await listening(server);
  return {
    url: `ws://127.0.0.1:${port}`,
    close: () => {
      broker.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** The part of ws that is used. */
interface WebSockets {
  readonly WebSocketServer: new (options: object) => {
    on(event: "connection", listener: (socket: object) => void): void;
  };
  createWebSocketStream(socket: object): Duplex;
}

/** They come with mqtt.js, so they are there. */
function webSockets(): WebSockets {
  const mqtt = createRequire(import.meta.url).resolve("mqtt");
  return createRequire(mqtt)("ws") as WebSockets;
}
