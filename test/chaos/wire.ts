/**
 * What went over the wire, as the broker's neighbour saw it: how far it got,
 * and whether the order of a key was kept.
 *
 * @module
 */

import type { HistoryMessage } from "@mailboat/outbox/testing";
import { type Packet, parser } from "mqtt-packet";
import { type Receipt, receiptOf } from "../support/receipt.ts";
import { Progress } from "./progress.ts";
import type { Listener } from "./proxy.ts";

/** The kind of fault that a lost connection is in a history. */
export const CONNECTION_LOST = "connection lost";

/** What was seen; the last two must be zero. */
export interface WireFacts {
  published: number;
  acknowledged: number;
  connections: number;
  /** Sent while another message of their key was under way, on any connection. */
  crowded: number;
  /** Sent after a successor of their key had been taken. */
  stale: number;
}

/** What to do about what is seen. */
export interface WireOptions {
  /** Messages that a relay may have sent and not recorded. */
  readonly window: number;
  readonly facts: WireFacts;
  /** The broker took a message, whoever was told. */
  readonly onTaken: (message: HistoryMessage) => void;
  /** A connection ended that explains so many copies. */
  readonly onLost: (duplicates: number) => void;
}

/** All connections together. */
export class Wire {
  /** A step for every message and every acknowledgement. */
  readonly progress = new Progress();
  readonly #options: WireOptions;
  readonly #lines = new Set<Line>();
  readonly #taken = new Map<string, number>();

  constructor(options: WireOptions) {
    this.#options = options;
  }

  /** The highest position of every key that the broker took. */
  get taken(): ReadonlyMap<string, number> {
    return this.#taken;
  }

  /** Listens to a new connection. */
  listen(): Listener {
    const line = new Line({
      onConnected: () => this.#supersede(line),
      onPublished: (receipt) => this.#published(line, receipt),
      onTaken: (receipt) => this.#took(receipt),
      onOver: () => this.#end(line),
    });
    this.#lines.add(line);
    return line;
  }

  #published(line: Line, receipt: Receipt): void {
    const { facts } = this.#options;
    facts.published += 1;
    const isCrowded = [...this.#lines].some((other) =>
      !other.isOver && other.hasUnderWay(receipt)
    );
    if (isCrowded && !line.isOver) facts.crowded += 1;
    if (!line.isOver && receipt.n < (this.#taken.get(receipt.key) ?? 0)) {
      facts.stale += 1;
    }
    this.progress.step();
  }

  #took({ id, key, n }: Receipt): void {
    const { facts, onTaken } = this.#options;
    facts.acknowledged += 1;
    this.#taken.set(key, Math.max(n, this.#taken.get(key) ?? 0));
    onTaken({ id, key, position: n });
    this.progress.step();
  }

  /** The broker ends the earlier connection of a client that comes again. */
  #supersede(line: Line): void {
    this.#options.facts.connections += 1;
    for (const other of this.#lines) {
      if (other !== line && other.clientId === line.clientId) other.over();
    }
  }

  #end(line: Line): void {
    this.#lines.delete(line);
    const { window, onLost } = this.#options;
    if (line.published > 0) onLost(Math.min(window, line.published));
  }
}

interface LineOptions {
  readonly onConnected: () => void;
  readonly onPublished: (receipt: Receipt) => void;
  readonly onTaken: (receipt: Receipt) => void;
  readonly onOver: () => void;
}

/** One connection. */
class Line implements Listener {
  isOver = false;
  clientId = "";
  published = 0;
  readonly #options: LineOptions;
  /** Sent and not known to be taken: by the broker's word, and by what the relay was told of it. */
  readonly #untaken = new Map<number, Receipt>();
  readonly #underWay = new Map<number, Receipt>();
  readonly #outward = parser({ protocolVersion: 5 });
  readonly #inward = parser({ protocolVersion: 5 });
  readonly #heard = parser({ protocolVersion: 5 });

  constructor(options: LineOptions) {
    this.#options = options;
    this.#outward.on("packet", (packet: Packet) => this.#onSent(packet));
    this.#inward.on("packet", (packet: Packet) => this.#onAnswer(packet));
    this.#heard.on("packet", (packet: Packet) => {
      if (packet.cmd === "puback") this.#underWay.delete(packet.messageId ?? 0);
    });
  }

  /** Whether another message of the same key is on its way here. */
  hasUnderWay({ id, key }: Receipt): boolean {
    return [...this.#underWay.values()].some((other) =>
      other.key === key && other.id !== id
    );
  }

  sent(bytes: Uint8Array): void {
    this.#outward.parse(bytes as Buffer);
  }

  answered(bytes: Uint8Array): void {
    this.#inward.parse(bytes as Buffer);
  }

  told(bytes: Uint8Array): void {
    this.#heard.parse(bytes as Buffer);
  }

  over(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.#options.onOver();
  }

  #onSent(packet: Packet): void {
    if (packet.cmd === "connect") this.clientId = packet.clientId;
    if (packet.cmd !== "publish") return;
    const receipt = receiptOf(packet);
    this.published += 1;
    this.#options.onPublished(receipt);
    this.#untaken.set(packet.messageId ?? 0, receipt);
    this.#underWay.set(packet.messageId ?? 0, receipt);
  }

  #onAnswer(packet: Packet): void {
    if (packet.cmd === "connack") this.#options.onConnected();
    if (packet.cmd !== "puback" || (packet.reasonCode ?? 0) >= 0x80) return;
    const receipt = this.#untaken.get(packet.messageId ?? 0);
    this.#untaken.delete(packet.messageId ?? 0);
    if (receipt !== undefined) this.#options.onTaken(receipt);
  }
}
