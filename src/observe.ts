/**
 * What a relay tells its observer: one union of events, one function.
 *
 * The library never logs. Events are emitted as they happen, at most once
 * each; an observer that throws breaks nothing.
 *
 * @module
 */

import type { Advice } from "./advice.ts";
import type { Durability } from "./store.ts";
import type { ConnectionWarning, SendFailure } from "./transport.ts";

/** Identifies a message in an event; the payload is never shown. */
export interface MessageRef {
  /** The position in commit order. */
  readonly seq: number;
  /** The message's id. */
  readonly id: string;
  /** The message's key. */
  readonly key: string | null;
  /** The message's topic. */
  readonly topic: string;
}

/** What becomes of the connection to the broker. */
export type LinkEvent =
  /** The broker can be used. */
  | {
    readonly type: "transport.connected";
    readonly transport: string;
    readonly window: number;
  }
  /** What people should know about the connection, once for each. */
  | {
    readonly type: "transport.warning";
    readonly transport: string;
    readonly warning: ConnectionWarning;
  }
  /** The connection ended; `inFlight` messages have an unknown outcome. */
  | {
    readonly type: "transport.lost";
    readonly transport: string;
    readonly failure: SendFailure;
    readonly inFlight: number;
  }
  /**
   * The broker cannot be reached, or says no. Emitted once, and again when it
   * is for another reason; `status()` counts the tries.
   */
  | {
    readonly type: "transport.unavailable";
    readonly transport: string;
    readonly code: string;
    readonly reason: string;
    readonly advice: Advice;
    readonly retryInMs: number;
  };

/** One thing that happened. `type` tells which. */
export type RelayEvent =
  | LinkEvent
  /** The store was opened. Emitted again after every reopening. */
  | { readonly type: "store.opened"; readonly durability: Durability }
  /** The store refused or failed; the relay tries again after `retryInMs`. */
  | {
    readonly type: "store.failed";
    readonly code: string;
    readonly reason: string;
    readonly retryInMs: number;
  }
  /** This relay works from now on. */
  | {
    readonly type: "lease.acquired";
    readonly epoch: number;
    /** How many messages it sends one at a time first, as relays died before. */
    readonly trials: number;
  }
  /** Another relay works from now on; emitted when this one notices. */
  | {
    readonly type: "lease.lost";
    readonly epoch: number;
    /** How many outcomes could not be recorded: they will be delivered again. */
    readonly unrecorded: number;
  }
  /** This relay gave its lease back. */
  | { readonly type: "lease.released"; readonly epoch: number }
  /**
   * The broker took a message. Emitted before the outcome is recorded, so a
   * crash in between makes it appear again.
   */
  | {
    readonly type: "message.delivered";
    readonly message: MessageRef;
    /** The broker said that nobody subscribes to the topic. */
    readonly unheard: boolean;
  }
  /** The broker refused a message; its lane waits. */
  | {
    readonly type: "message.retry";
    readonly message: MessageRef;
    readonly failure: SendFailure;
    /** Refused sends so far; a deferral adds none. */
    readonly attempts: number;
    readonly retryInMs: number;
  }
  /** A message is dead; `held` tells whether its lane waits for an operator. */
  | {
    readonly type: "message.dead";
    readonly message: MessageRef;
    readonly failure: SendFailure;
    readonly attempts: number;
    readonly held: boolean;
  }
  /**
   * A message was of no use any more, and was not sent. Emitted before that is
   * recorded, so a crash in between makes it appear again.
   */
  | {
    readonly type: "message.expired";
    readonly message: MessageRef;
    /** How long ago it was enqueued, as far as the relay knows; at least its `ttlMs`. */
    readonly ageMs: number;
  }
  /**
   * Only in pipelined order: a message was refused or is in doubt, and what was
   * sent behind it goes again after it.
   */
  | {
    readonly type: "lane.rewound";
    readonly key: string | null;
    /** The message that was refused, or is in doubt. */
    readonly from: number;
    /** How many were sent behind it. */
    readonly count: number;
    /** How many of them the broker took, and will get once more. */
    readonly repeated: number;
    /** The code of the refusal; `IN_DOUBT` without one. */
    readonly code: string;
  }
  /** Outcomes were recorded. */
  | {
    readonly type: "settled";
    readonly delivered: number;
    readonly expired: number;
    readonly failed: number;
  }
  /** The failure records were read anew: an operator changed them, or they were in doubt. */
  | { readonly type: "dead_letters.changed"; readonly heldLanes: number }
  /** The relay has stopped: nothing is sent and no timer runs any more. */
  | { readonly type: "stopped" };

/** Receives every event. Called synchronously: hand slow work to something else. */
export type Observe = (event: RelayEvent) => void;

/** Wraps an observer so that it cannot break its caller. */
export function contained<Event>(
  observe: ((event: Event) => void) | undefined,
): (event: Event) => void {
  if (observe === undefined) return () => {};
  return (event) => {
    // An observer's failure is its own: delivery goes on.
    try {
      const result: unknown = observe(event);
      if (result instanceof Promise) result.catch(() => {});
    } catch {
      return;
    }
  };
}
