/**
 * The subscriber contract: what a broker adapter promises to those who receive.
 *
 * A subscriber opens subscriptions; a subscription hands over deliveries as
 * they arrive and acknowledges them when it is told to. Reconnecting, order,
 * retries and deadlines belong to the consumer, so an adapter has no timers.
 *
 * @module
 */

import type { ConnectionWarning, SendFailure } from "./transport.ts";

/** The properties of a message, as far as they are read. */
export interface DeliveryProperties {
  /** The Content Type property. */
  readonly contentType?: string | undefined;
  /** The Response Topic property: where an answer is expected. */
  readonly responseTopic?: string | undefined;
  /** The Correlation Data property: what an answer must carry. */
  readonly correlationData?: Uint8Array | undefined;
  /** The user properties; a name that was repeated has several values. */
  readonly userProperties?:
    | Readonly<Record<string, string | readonly string[]>>
    | undefined;
}

/** A message as it came off the wire. */
export interface Delivery {
  /** Where it was published. */
  readonly topic: string;
  /** The payload, byte for byte. */
  readonly payload: Uint8Array;
  /** The properties; absent where the protocol has none. */
  readonly properties?: DeliveryProperties | undefined;

  /**
   * Tells the broker that it need not deliver this again.
   *
   * **Promises** that the broker hears it in the order that the protocol asks
   * for, perhaps after earlier deliveries are acknowledged; idempotent.
   * **May fail with** nothing: on a connection that has ended it does nothing,
   * and the broker delivers again.
   * **Must not** be called before what the message caused is durable.
   */
  acknowledge(): void;
}

/** A subscription over one connection; it ends once and is never revived. */
export interface Subscription {
  /** How many deliveries may be unacknowledged at a time; the broker holds back the rest. */
  readonly window: number;

  /** What people should know about the connection. */
  readonly warnings?: readonly ConnectionWarning[];

  /**
   * Resolves when the connection has ended, with the reason.
   *
   * **Promises** to resolve exactly once, also after {@link close}.
   * **May fail with** nothing: it never rejects.
   * **Must not** resolve while another delivery could follow.
   */
  readonly closed: Promise<SendFailure>;

  /**
   * Ends the connection and keeps the session: what is not acknowledged is
   * delivered again at the next one.
   *
   * **Promises** that nothing is delivered after it resolves; idempotent.
   * **May fail with** nothing.
   * **Must not** acknowledge anything.
   */
  close(): Promise<void>;
}

/** What the consumer asks for when it subscribes. */
export interface SubscribeRequest {
  /** Names the consumer, always the same, so that the broker finds its session. */
  readonly identity: string;
  /** Gives up when aborted. */
  readonly signal: AbortSignal;
  /** Takes each delivery, in order of arrival; does not throw. */
  readonly onDelivery: (delivery: Delivery) => void;
}

/** A broker adapter. */
export interface Subscriber {
  /** Names the broker in events and `status()`, without credentials. */
  readonly name: string;

  /**
   * Opens a connection and subscribes.
   *
   * **Promises** that what was published while nobody was connected is
   * delivered too, as far as the broker kept the session.
   * **May fail with** {@link TransportError}: `TRANSPORT_UNAVAILABLE` when the
   * broker cannot be reached, `TRANSPORT_REFUSED` when it says no.
   * **Must not** retry, or outlive `signal`.
   */
  subscribe(request: SubscribeRequest): Promise<Subscription>;
}
