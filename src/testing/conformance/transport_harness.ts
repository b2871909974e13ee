/**
 * The transport harness: what the conformance cases need to know about a
 * broker beside the contract, and what it must be able to do to a connection.
 *
 * @module
 */

import type { Transport } from "../../../mod.ts";

/** A message that reached the broker, as a consumer of the wire format sees it. */
export interface ReceivedMessage {
  /** The message's id. */
  readonly id: string;
  /** Its topic. */
  readonly topic: string;
  /** Its payload. */
  readonly payload: Uint8Array;
  /** For how long it is still of use, in ms; `null` when nothing says so. */
  readonly remainingMs: number | null;
}

/** A transport, and a broker that takes everything until told otherwise. */
export interface TransportHarness {
  /** The transport under test. */
  readonly transport: Transport;
  /** A topic that this broker refuses, with an answer for each message. */
  readonly refusedTopic: string;
  /**
   * Whether the broker ends a connection when a second one has its identity.
   * That is a fence on top of the lease; nothing depends on it.
   */
  readonly replaces: boolean;
  /** Everything that the broker took, in order of arrival. Only grows. */
  received(): readonly ReceivedMessage[];
  /** The broker acknowledges nothing and answers nobody, from now on. */
  hang(): Promise<void>;
  /** It goes on, with what waited. */
  resume(): Promise<void>;
  /**
   * It ends every connection, and acknowledges nothing of what waited.
   * Afterwards it hangs no more, and takes new connections.
   */
  cut(): Promise<void>;
  /** It says no to every attempt to connect, from now on. */
  refuse(): Promise<void>;
  /** It goes away for good: nobody listens. */
  stop(): Promise<void>;
  /** Gives everything back. */
  close(): Promise<void>;
}

/** Makes a harness around a broker that has received nothing. */
export type CreateTransportHarness = () => Promise<TransportHarness>;
