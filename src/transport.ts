/**
 * The transport contract: what a broker adapter promises.
 *
 * A transport opens connections; a connection sends messages and says what
 * became of each. Reconnecting, pacing, deadlines and retries belong to the
 * relay, so an adapter has no timers and no queue.
 *
 * @module
 */

import type { Advice } from "./advice.ts";
import type { Message } from "./message.ts";

/** Why a send failed, in the broker's terms. */
export interface SendFailure {
  /** A stable, short code: `MQTT_0x90`. */
  readonly code: string;
  /** One line for people, at most 256 characters, free of secrets. */
  readonly reason: string;
  /**
   * What it says about the connection; of a message's outcome only `limit` counts.
   *
   * @default {"soon"}
   */
  readonly advice?: Advice;
  /**
   * Of an end with the advice `suspect`: what becomes of the message that
   * proves to be its cause. `defer` where it is not the message's fault, as
   * with missing rights: it waits, and goes again.
   *
   * @default {"bury"}
   */
  readonly onceProven?: "bury" | "defer";
}

/** What people should know about a connection that works: `TLS_UNVERIFIED`. */
export interface ConnectionWarning {
  /** A stable, short code. */
  readonly code: string;
  /** One line for people, at most 256 characters, free of secrets. */
  readonly reason: string;
}

/**
 * What became of one send.
 *
 * - `delivered`: the broker acknowledged it and is responsible for it now.
 * - `retry`: the broker refused this message, perhaps not for ever. Costs an attempt.
 * - `deferred`: the broker refused it for a reason that is not the message's
 *   fault (authorisation, quota). Costs no attempt.
 * - `dead`: this message can never be accepted.
 * - `unavailable`: nothing was sent. Costs no attempt.
 * - `unknown`: it may have been sent. Costs no attempt; will be sent again.
 *
 * After `unavailable` or `unknown` the relay ends the connection, if it is open
 * still: nothing is sent twice on one.
 */
export type Outcome =
  | { readonly kind: "delivered"; readonly unheard?: boolean }
  | { readonly kind: "retry"; readonly failure: SendFailure }
  | {
    readonly kind: "deferred";
    readonly failure: SendFailure;
    /** How long the lane should wait, in ms. */
    readonly afterMs: number;
  }
  | { readonly kind: "dead"; readonly failure: SendFailure }
  | { readonly kind: "unavailable" }
  | { readonly kind: "unknown" };

/** What the relay adds to a message when it sends it. */
export interface SendTerms {
  /** For how long the message is still of use, in ms; absent without a limit. */
  readonly remainingMs?: number;
}

/** One connection to the broker; it ends once and is never revived. */
export interface Connection {
  /**
   * How many messages may be unacknowledged at a time; at least 1. The relay
   * sends no more; whoever does gets `unavailable`, or loses the connection.
   */
  readonly window: number;

  /** What people should know about it; shown by `status()` and told to observers. */
  readonly warnings?: readonly ConnectionWarning[];

  /**
   * Resolves when the connection has ended, with the reason.
   *
   * **Promises** to resolve exactly once, also after {@link close}, and no later
   * than the sends that the end leaves `unknown`: the relay looks for its cause
   * among them.
   * **May fail with** nothing: it never rejects.
   * **Must not** resolve while a later `send` could still reach the broker.
   */
  readonly closed: Promise<SendFailure>;

  /**
   * Sends one message.
   *
   * **Promises** to hand messages to the broker in the order of the calls, to
   * resolve with `delivered` only after the broker's acknowledgement, and to
   * resolve every pending send with `unknown` once the connection has ended.
   * **May fail with** nothing: whatever goes wrong is an outcome.
   * **Must not** wait for a connection, queue beyond the wire, or send twice.
   */
  send(message: Message, terms?: SendTerms): Promise<Outcome>;

  /**
   * Ends the connection.
   *
   * **Promises** that nothing is sent after it resolves; idempotent.
   * **May fail with** nothing: an unreachable peer is an ended connection too.
   * **Must not** wait for acknowledgements.
   */
  close(): Promise<void>;
}

/** What the relay asks for when it opens a connection. */
export interface ConnectRequest {
  /**
   * Names the outbox, the same for each of its relays, so that the broker can
   * replace the connection of a relay that was superseded.
   */
  readonly identity: string;
  /** Gives up connecting when aborted. */
  readonly signal: AbortSignal;
}

/** A broker adapter. */
export interface Transport {
  /** Names the broker in events and `status()`, without credentials. */
  readonly name: string;

  /**
   * Declares that messages of one topic and QoS that were sent on one
   * connection reach subscribers in the order of the calls, also while several
   * of them are unacknowledged. Without it a relay refuses pipelined order.
   *
   * @default {false}
   */
  readonly ordered?: true;

  /**
   * Opens a connection.
   *
   * **Promises** a connection that can send at once, with the broker's limits known.
   * **May fail with** {@link TransportError}: `TRANSPORT_UNAVAILABLE` when the
   * broker cannot be reached, `TRANSPORT_REFUSED` when it says no.
   * **Must not** retry, or outlive `signal`.
   */
  connect(request: ConnectRequest): Promise<Connection>;
}
