/**
 * A gate before a broker: while it is closed, nobody listens there.
 *
 * @module
 */

import { once } from "node:events";
import {
  type AddressInfo,
  connect,
  createServer,
  type Server,
  type Socket,
} from "node:net";

/** A port that leads to the broker, or to nobody. */
export class Gate {
  readonly #brokerPort: number;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  /** Creates a gate that is closed. */
  constructor(brokerUrl: string) {
    this.#brokerPort = Number(new URL(brokerUrl).port);
    this.#server = createServer({ noDelay: true }, (near) => {
      const far = connect({ port: this.#brokerPort, host: "127.0.0.1" });
      far.setNoDelay(true);
      this.#join(near, far);
      this.#join(far, near);
    });
  }

  /** The URL of the gate, open or closed. */
  async url(): Promise<string> {
    if (this.#port === 0) {
      await this.open();
      await this.close();
    }
    return `mqtt://127.0.0.1:${this.#port}`;
  }

  /** Lets clients through. */
  async open(): Promise<void> {
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    this.#port = (this.#server.address() as AddressInfo).port;
  }

  /** Ends all connections, and lets nobody through. */
  async close(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.pipe(to);
    from.on("error", () => to.destroy());
    from.on("close", () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
