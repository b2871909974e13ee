/**
 * A front before a broker on TCP: it speaks TLS, WebSockets or both to clients,
 * and hands on what they say. It listens on the loopback address only, which
 * the WebSockets of Mosquitto do not.
 *
 * @module
 */

import { once } from "node:events";
import { createServer as createWebServer } from "node:http";
import { createServer as createSecureWebServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer, type TlsOptions, type TLSSocket } from "node:tls";
import { acceptWebSockets } from "./web_sockets.ts";

/** What a front is made of. */
export interface FrontOptions {
  /** The broker's port. */
  readonly port: number;
  readonly scheme: "mqtts" | "ws" | "wss";
  /** Certificate, key and the like; not for `ws`. */
  readonly tls?: TlsOptions;
}

/** What a client showed of itself in the TLS handshake. */
export interface Greeting {
  readonly serverName: string | false;
  readonly protocol: string | false | null;
  readonly version: string | null;
  /** The common name of the client's certificate. */
  readonly client: string;
}

/** A front that listens. */
export interface BrokerFront {
  /** By the name `localhost`. */
  readonly url: string;
  readonly port: number;
  /** Every TLS handshake that succeeded, in order. */
  readonly greetings: readonly Greeting[];
  close(): Promise<void>;
}

/** Starts a front on a free port of the loopback address. */
export async function startFront(options: FrontOptions): Promise<BrokerFront> {
  const { scheme, tls = {} } = options;
  const sockets = new Set<Socket>();
  const greetings: Greeting[] = [];
  const handOn = (stream: Duplex) => {
    const broker = connect(options.port, "127.0.0.1");
    sockets.add(broker);
    for (const each of [stream, broker]) each.on("error", () => {});
    stream.pipe(broker).pipe(stream);
    stream.on("close", () => broker.destroy());
    broker.on("close", () => stream.destroy());
  };
  const server = scheme === "mqtts"
    ? createServer(tls, handOn)
    : scheme === "wss"
    ? createSecureWebServer(tls)
    : createWebServer();
  if (scheme !== "mqtts") acceptWebSockets(server, handOn);
  server.on("connection", (socket: Socket) => sockets.add(socket));
  server.on("secureConnection", (socket) => greetings.push(greetingOf(socket)));
  server.on("tlsClientError", () => {});
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    url: `${scheme}://localhost:${port}`,
    port,
    greetings,
    close: async () => {
      const closed = once(server, "close");
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}

function greetingOf(socket: TLSSocket): Greeting {
  return {
    serverName: (socket as { servername?: string | false }).servername ?? false,
    protocol: socket.alpnProtocol,
    version: socket.getProtocol(),
    client: String(socket.getPeerCertificate().subject?.CN),
  };
}
