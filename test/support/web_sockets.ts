/**
 * WebSockets for servers. They come with mqtt.js, so they are there.
 *
 * @module
 */

import { createRequire } from "node:module";
import type { Duplex } from "node:stream";

/** The part of ws that is used. */
interface WebSockets {
  WebSocketServer: new (options: { server: object }) => {
    on(event: "connection", listener: (socket: object) => void): void;
  };
  createWebSocketStream(socket: object): Duplex;
}

/** Calls back with every WebSocket that a server accepts, as a stream. */
export function acceptWebSockets(
  server: object,
  onStream: (stream: Duplex) => void,
): void {
  const mqtt = createRequire(import.meta.url).resolve("mqtt");
  const { WebSocketServer, createWebSocketStream } = createRequire(mqtt)(
    "ws",
  ) as WebSockets;
  new WebSocketServer({ server }).on("connection", (socket) => {
    const stream = createWebSocketStream(socket);
    stream.on("error", () => {});
    onStream(stream);
  });
}
