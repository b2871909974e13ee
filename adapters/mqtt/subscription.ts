/**
 * One subscription: deliveries in, acknowledgements out.
 *
 * @module
 */

import type { IDisconnectPacket, MqttClient } from "mqtt";
import type {
  ConnectionWarning,
  SendFailure,
  Subscription,
} from "../../mod.ts";
import { farewell, lost } from "./farewell.ts";
import { type Inbound, isLater } from "./inbound.ts";
import type { Peer } from "./peer.ts";
import { messageOf } from "./quoting.ts";

/** What a subscription is made of. */
export interface SubscriptionParts {
  /** A client that the broker has accepted; it belongs to the subscription now. */
  readonly client: MqttClient;
  /** Has taken everything that arrived so far. */
  readonly inbound: Inbound;
  readonly window: number;
  readonly peer: Peer;
  /** What people should know about the session. */
  readonly warnings: readonly ConnectionWarning[];
}

/** A subscription over one client of mqtt.js. */
export class MqttSubscription implements Subscription {
  readonly window: number;
  readonly warnings: readonly ConnectionWarning[];
  readonly closed: Promise<SendFailure>;
  readonly #parts: SubscriptionParts;
  #resolveClosed: (failure: SendFailure) => void = () => {};
  #ended = false;

  /** Takes over a client. */
  constructor(parts: SubscriptionParts) {
    const { client, inbound, window, peer } = parts;
    this.#parts = parts;
    this.window = window;
    this.warnings = [...peer.warnings(), ...parts.warnings];
    this.closed = new Promise((resolve) => this.#resolveClosed = resolve);
    inbound.use(client);
    client.on(
      "disconnect",
      (packet: IDisconnectPacket) =>
        this.#end(farewell({ packet, peer, unanswered: 0 })),
    );
    client.on("error", (error) => {
      if (!isLater(error)) this.#end(lost(peer.quote(messageOf(error))));
    });
    client.on("close", () => this.#end(lost("The other side closed it")));
  }

  close(): Promise<void> {
    this.#end({ code: "CLOSED", reason: "Closed by this side" });
    return Promise.resolve();
  }

  #end(failure: SendFailure): void {
    if (this.#ended) return;
    this.#ended = true;
    const { client, inbound } = this.#parts;
    inbound.end();
    client.end(true);
    this.#resolveClosed(failure);
  }
}
