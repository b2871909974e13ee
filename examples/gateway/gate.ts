/**
 * A gate in front of a broker: the way in that can be shut.
 *
 * To the relay, a shut gate is a broker that is away: its connection is cut and
 * new ones fail. The broker behind it keeps everything it has acknowledged, so
 * whatever is missing afterwards was lost by the relay.
 *
 * @module
 */

import { connect, createServer, type Socket } from "node:net";
import { connect as connectSecurely } from "node:tls";
import { listening } from "../stage/listening.ts";

/** A way to the broker. */
export interface Gate {
  /** Where it leads in: a port of the loopback interface. */
  readonly port: number;
  /**
   * Ends every connection the way a failing line does, and lets no new one
   * through. It waits up to `patienceMs` for the broker's next answer; from
   * then on whatever either side says is swallowed, and `silenceMs` later the
   * connections are cut. So something was done that nobody heard of, and
   * something was said that was never done.
   */
  shut(
    times: { readonly patienceMs: number; readonly silenceMs: number },
  ): Promise<void>;
  /** Lets connections through again. */
  open(): void;
}

/** Opens a gate to the broker at `url`. */
export async function openGate(url: string): Promise<Gate> {
  const sockets = new Set<Socket>();
  let isOpen = true;
  let onAnswer = (): void => {};

  const server = createServer((near) => {
    // The listener stays while the gate is shut, so that the port stays ours.
    if (!isOpen) return void near.destroy();
    const far = dial(url);
    near.on("data", (request) => {
      if (isOpen) far.write(request);
    });
    far.on("data", (answer) => {
      onAnswer();
      if (isOpen) near.write(answer);
    });
    for (const [one, other] of [[near, far], [far, near]] as const) {
      sockets.add(one);
      // An error is followed by "close", and that ends both.
      one.on("error", () => {});
      one.on("close", () => {
        sockets.delete(one);
        other.destroy();
      });
    }
  });

  return {
    port: await listening(server),
    async shut({ patienceMs, silenceMs }) {
      await new Promise<void>((resolve) => {
        onAnswer = () => {
          clearTimeout(timer);
          isOpen = false;
          resolve();
        };
        const timer = setTimeout(onAnswer, patienceMs);
      });
      await new Promise<void>((resolve) => setTimeout(resolve, silenceMs));
      for (const socket of sockets) socket.destroy();
    },
    open() {
      onAnswer = () => {};
      isOpen = true;
    },
  };
}

function dial(url: string): Socket {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, "");
  return protocol === "mqtts:"
    ? connectSecurely({ host, port: Number(port || 8883) })
    : connect({ host, port: Number(port || 1883) });
}
