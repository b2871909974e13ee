/**
 * What a consumer tells its observer: one union of events, one function.
 *
 * Events are emitted as they happen, at most once each; an observer that
 * throws breaks nothing.
 *
 * @module
 */

import type { LinkEvent } from "./observe.ts";
import type { SendFailure } from "./transport.ts";

/** Identifies a received message in an event; the payload is never shown. */
export interface ReceivedRef {
  /** Where it was published. */
  readonly topic: string;
  /** The message's id, or `null` for what is no event. */
  readonly id: string | null;
  /** The producer, or `null` for what is no event. */
  readonly source: string | null;
  /** The name of the event definition, or `null` for what is no event. */
  readonly event: string | null;
  /** The message's key. */
  readonly key: string | null;
}

/** One thing that happened. `type` tells which. */
export type ConsumerEvent =
  | LinkEvent
  /** A message was handled, and what it caused is committed. */
  | { readonly type: "message.handled"; readonly message: ReceivedRef }
  /** A message had been handled before; nothing was done. */
  | { readonly type: "message.duplicate"; readonly message: ReceivedRef }
  /** A message of which no handler knows the event; nothing was done. */
  | { readonly type: "message.ignored"; readonly message: ReceivedRef }
  /** A handler failed; its key waits. */
  | {
    readonly type: "message.failed";
    readonly message: ReceivedRef;
    readonly failure: SendFailure;
    /** Failed tries so far; what is nobody's fault adds none. */
    readonly attempts: number;
    readonly retryInMs: number;
  }
  /**
   * A try has gone on for `slowHandlerMs`, its wait for a transaction included,
   * and goes on; told once for each. Not told while the consumer stops.
   */
  | {
    readonly type: "message.slow";
    readonly message: ReceivedRef;
    readonly afterMs: number;
  }
  /** A message was set aside in the local table, with its bytes; its key goes on. */
  | {
    readonly type: "message.set_aside";
    readonly message: ReceivedRef;
    readonly failure: SendFailure;
    readonly attempts: number;
  }
  /** The consumer has stopped: nothing is handled and no timer runs any more. */
  | { readonly type: "stopped" };

/** Receives every event. Called synchronously: hand slow work to something else. */
export type ObserveConsumer = (event: ConsumerEvent) => void;
