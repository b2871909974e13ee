/**
 * A proxy between relays and a broker, where all that networks do to a
 * connection can be done to it.
 *
 * @module
 */

import type { SeededRandom } from "@mailboat/outbox/testing";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { Channel, type Weather } from "./channel.ts";

/** Is told what goes through one connection. */
export interface Listener {
  /** The relay sent bytes. */
  sent(bytes: Uint8Array): void;
  /** The broker answered. */
  answered(bytes: Uint8Array): void;
  /** The relay is told a part of the answers. */
  told(bytes: Uint8Array): void;
  /** The connection is over for one side at least. */
  over(): void;
}

/** What a proxy needs. */
export interface ProxyOptions {
  readonly brokerPort: number;
  readonly random: SeededRandom;
  /** Makes a listener for a new connection. */
  readonly listen: () => Listener;
}

/** A running proxy. */
export class Proxy {
  readonly #options: ProxyOptions;
  readonly #connections = new Set<Connection>();
  readonly #server = createServer((near) => this.#accept(near));
  #weather: Weather = "clear";
  #isHeld = false;

  private constructor(options: ProxyOptions) {
    this.#options = options;
  }

  /** Starts one on a free port of the loopback address. */
  static async start(options: ProxyOptions): Promise<Proxy> {
    const proxy = new Proxy(options);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  /** `mqtt://127.0.0.1:PORT`. */
  get url(): string {
    const { port } = this.#server.address() as AddressInfo;
    return `mqtt://127.0.0.1:${port}`;
  }

  /** Changes what happens to all bytes from now on. */
  set weather(weather: Weather) {
    this.#weather = weather;
    this.#flow();
  }

  /** Keeps everything back, whatever the weather. */
  set isHeld(isHeld: boolean) {
    this.#isHeld = isHeld;
    this.#flow();
  }

  /** Ends the connections of now. */
  cut(): void {
    for (const connection of this.#connections) connection.cut();
  }

  /** Ends them in the middle of what the relay says next. */
  tear(): void {
    for (const connection of this.#connections) connection.tear();
  }

  /** Keeps all further answers from them. */
  deafen(): void {
    for (const connection of this.#connections) connection.deafen();
  }

  /** Leaves the relay's side open with nobody at the other end. */
  halfOpen(): void {
    for (const connection of this.#connections) connection.halfOpen();
  }

  /** Ends everything. */
  close(): void {
    this.#server.close();
    this.cut();
  }

  #flow(): void {
    for (const connection of this.#connections) connection.flow();
  }

  #accept(near: Socket): void {
    const { brokerPort, random, listen } = this.#options;
    const connection = new Connection({
      near,
      far: connect(brokerPort, "127.0.0.1"),
      random,
      listener: listen(),
      weather: () => this.#isHeld ? "stalled" : this.#weather,
      onClosed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}

interface ConnectionOptions {
  readonly near: Socket;
  readonly far: Socket;
  readonly random: SeededRandom;
  readonly listener: Listener;
  readonly weather: () => Weather;
  readonly onClosed: () => void;
}

class Connection {
  readonly #options: ConnectionOptions;
  readonly #outward: Channel;
  readonly #inward: Channel;
  #isDeaf = false;
  #isHalfOpen = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    const { near, far, random, weather, listener, onClosed } = options;
    this.#outward = new Channel({
      to: far,
      random,
      weather,
      onPassing: () => {},
    });
    this.#inward = new Channel({
      to: near,
      random,
      weather,
      onPassing: (bytes) => listener.told(bytes),
    });
    near.setNoDelay(true);
    far.setNoDelay(true);
    near.on("data", (bytes) => {
      listener.sent(bytes);
      if (!this.#isHalfOpen) this.#outward.push(bytes);
    });
    far.on("data", (bytes) => {
      listener.answered(bytes);
      if (!this.#isDeaf) this.#inward.push(bytes);
    });
    // An error is followed by "close".
    for (const socket of [near, far]) socket.on("error", () => {});
    near.on("close", () => {
      listener.over();
      // What was handed to the network is still on its way.
      this.#outward.end();
      if (far.destroyed) onClosed();
    });
    far.on("close", () => {
      listener.over();
      if (!this.#isHalfOpen) near.destroy();
      if (near.destroyed) onClosed();
    });
  }

  flow(): void {
    this.#outward.flow();
    this.#inward.flow();
  }

  cut(): void {
    const { near, far } = this.#options;
    near.destroy();
    far.destroy();
  }

  tear(): void {
    this.#outward.tear();
  }

  deafen(): void {
    this.#isDeaf = true;
  }

  halfOpen(): void {
    this.#isHalfOpen = true;
    this.#options.far.destroy();
  }
}
