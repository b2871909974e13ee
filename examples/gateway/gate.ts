/**
 * A gate in front of a broker: the way in that can be shut.
 *
 * To the relay, a shut gate is a broker that is away: its connection is cut and
 * new ones fail. The broker behind it keeps everything it has acknowledged, so
 * whatever is missing afterwards was lost by the relay.
 *
 * @module
 */

import {
  type AddressInfo,
  connect,
  createServer,
  type Server,
  type Socket,
} from "node:net";
import { connect as connectSecurely } from "node:tls";

/** A way to the broker. */
export interface Gate {
  /** Where it leads in: a port of the loopback interface. */
  readonly port: number;
  /**
   * Cuts every connection and lets no new one through. It waits up to
   * `patienceMs` for the broker's next answer and swallows it: what was asked
   * is then done, and nobody knows.
   */
  shut(patienceMs: number): Promise<void>;
  /** Lets connections through again. */
  open(): void;
}

/** Opens a gate to the broker at `url`. */
export async function openGate(url: string): Promise<Gate> {
  const pairs = new Set<readonly [Socket, Socket]>();
  let isOpen = true;
  let onAnswer: (() => void) | null = null;

  const cut = (): void => {
    isOpen = false;
    for (const pair of pairs) pair.forEach((socket) => socket.destroy());
  };

  const server = createServer((near) => {
    // The listener stays while the gate is shut, so that the port stays ours.
    if (!isOpen) return void near.destroy();
    const far = dial(url);
    const pair = [near, far] as const;
    pairs.add(pair);
    far.on(
      "data",
      (answer) => onAnswer === null ? near.write(answer) : onAnswer(),
    );
    near.pipe(far);
    for (const socket of pair) {
      // An error is followed by "close", and that ends the pair.
      socket.on("error", () => {});
      socket.on("close", () => {
        pairs.delete(pair);
        pair.forEach((side) => side.destroy());
      });
    }
  });

  return {
    port: await listening(server),
    async shut(patienceMs) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs);
        onAnswer = () => {
          clearTimeout(timer);
          cut();
          resolve();
        };
      });
      onAnswer = null;
      cut();
    },
    open() {
      isOpen = true;
    },
  };
}

/** Listens on a free port of the loopback interface and resolves with it. */
export function listening(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

function dial(url: string): Socket {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return protocol === "mqtts:"
    ? connectSecurely({ host, port: Number(port || 8883) })
    : connect({ host, port: Number(port || 1883) });
}
