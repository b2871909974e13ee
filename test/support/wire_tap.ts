/**
 * A tap on the wire between relays and a broker: what was sent, and what was
 * acknowledged, whatever the broker forgets afterwards.
 *
 * @module
 */

import { type Packet, parser } from "mqtt-packet";
import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import { type Receipt, receiptOf } from "./receipt.ts";

/** A way to the broker that is listened to. */
export interface WireTap {
  readonly url: string;
  /** Every PUBLISH, in the order it was sent. */
  readonly sent: readonly Receipt[];
  /** The ids of the messages that the broker took, as the relay was told. */
  readonly acknowledged: ReadonlySet<string>;
  /** How many messages the broker took that no relay was told of. */
  readonly swallowed: number;
  /** Keeps the broker's answers from the connections that are open now. */
  swallow(): void;
}

/** Listens to whoever connects to the broker at a port, for the time of the test. */
export async function tapWire(brokerPort: number): Promise<WireTap> {
  const sent: Receipt[] = [];
  const acknowledged = new Set<string>();
  const lines = new Set<Line>();
  let swallowed = 0;
  const server = createServer((near) => {
    const line = new Line(near, connect(brokerPort, "127.0.0.1"), {
      onSent: (receipt) => sent.push(receipt),
      onTaken: (id, isTold) => {
        if (isTold) acknowledged.add(id);
        else swallowed += 1;
      },
    });
    lines.add(line);
    near.once("close", () => lines.delete(line));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(() => {
    server.close();
    lines.forEach((line) => line.cut());
  });
  const { port } = server.address() as AddressInfo;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    sent,
    acknowledged,
    get swallowed() {
      return swallowed;
    },
    swallow: () => lines.forEach((line) => line.isDeaf = true),
  };
}

interface Ears {
  readonly onSent: (receipt: Receipt) => void;
  readonly onTaken: (id: string, isTold: boolean) => void;
}

/** One connection. */
class Line {
  isDeaf = false;
  readonly #sockets: readonly Socket[];
  readonly #ids = new Map<number, string>();

  constructor(near: Socket, far: Socket, { onSent, onTaken }: Ears) {
    this.#sockets = [near, far];
    const outward = parser({ protocolVersion: 5 });
    outward.on("packet", (packet: Packet) => {
      if (packet.cmd !== "publish") return;
      const receipt = receiptOf(packet);
      this.#ids.set(packet.messageId ?? 0, receipt.id);
      onSent(receipt);
    });
    const inward = parser({ protocolVersion: 5 });
    inward.on("packet", (packet: Packet) => {
      if (packet.cmd !== "puback" || (packet.reasonCode ?? 0) >= 0x80) return;
      onTaken(this.#ids.get(packet.messageId ?? 0) ?? "", !this.isDeaf);
    });
    near.on("data", (data) => {
      outward.parse(data);
      far.write(data);
    });
    far.on("data", (data) => {
      inward.parse(data);
      if (!this.isDeaf) near.write(data);
    });
    for (const socket of this.#sockets) {
      socket.on("error", () => {});
      socket.on("close", () => this.cut());
    }
  }

  cut(): void {
    this.#sockets.forEach((socket) => socket.destroy());
  }
}
