/**
 * The aftermath of a send: judges what landed, and says what is owed to the
 * store and what the lane does next.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Landing } from "./dispatch.ts";
import type { Lane } from "./logic/lanes.ts";
import type { RetryPolicy } from "./logic/retry.ts";
import { outlived } from "./logic/probation.ts";
import { judge, type Verdict } from "./logic/settlement.ts";
import type { Message, OnDead } from "./message.ts";
import type { MessageRef, Observe } from "./observe.ts";
import type { Random } from "./random.ts";
import type { Tenure } from "./tenure.ts";

/** What a relay has done since it was made. */
export interface Counters {
  /** Messages the broker took. */
  delivered: number;
  /** Those of them that nobody subscribed to, as far as the broker says. */
  unheard: number;
  /** Refusals after which the message goes again. */
  retried: number;
  /** Messages that died. */
  dead: number;
  /** Messages that were of no use any more, and were not sent. */
  expired: number;
}

/** What the aftermath depends on. */
export interface AftermathOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: Observe;
  readonly retry: RetryPolicy;
  readonly onDead: OnDead;
  readonly counters: Counters;
}

/** Applies one outcome; returns whether the broker has answered for the message. */
export function applyLanding(
  options: AftermathOptions,
  tenure: Tenure,
  { flight, outcome }: Landing,
): boolean {
  const { clock, random, retry, onDead, counters, observe } = options;
  const { message, lane } = flight;
  const { seq } = message;
  const earlier = tenure.setAside.get(seq);
  const verdict = judge({
    outcome,
    message,
    earlier,
    policy: retry,
    onDead,
    nowMs: clock.nowMs(),
    random: random.fraction(),
  });
  switch (verdict.kind) {
    case "again": {
      const afterwards = () => tenure.lanes.putBack(lane);
      if (earlier === undefined || earlier.trial === null) afterwards();
      else {tenure.owe({
          seq,
          kind: "trial",
          record: outlived(earlier),
          afterwards,
        });}
      return false;
    }
    case "done": {
      const unheard = outcome.kind === "delivered" && outcome.unheard === true;
      counters.delivered += 1;
      tenure.delivered += 1;
      if (unheard) counters.unheard += 1;
      observe({ type: "message.delivered", message: refTo(message), unheard });
      const afterwards = () => tenure.lanes.goOn(lane);
      tenure.owe({ seq, kind: "delivered", record: null, afterwards });
      return true;
    }
    case "wait":
      wait(options, tenure, lane, message, verdict);
      return true;
    case "dead":
      bury(options, tenure, lane, message, verdict);
      return true;
  }
}

function wait(
  { clock, observe, counters }: AftermathOptions,
  tenure: Tenure,
  lane: Lane,
  message: Message,
  { afterMs, failure, record }: Extract<Verdict, { kind: "wait" }>,
): void {
  const { seq } = message;
  counters.retried += 1;
  observe({
    type: "message.retry",
    message: refTo(message),
    failure,
    attempts: record.attempts,
    retryInMs: afterMs,
  });
  const untilMs = clock.monotonicMs() + afterMs;
  const afterwards = () => tenure.lanes.waitUntil(lane, seq, untilMs);
  tenure.owe({ seq, kind: "failed", record, afterwards });
}

/** A message is dead: owes its record, after which its lane is held or goes on. */
export function bury(
  { observe, counters }: AftermathOptions,
  tenure: Tenure,
  lane: Lane,
  message: Message,
  { failure, record }: Omit<Extract<Verdict, { kind: "dead" }>, "kind">,
): void {
  const { seq } = message;
  // Without a key there is no lane to hold.
  const held = record.holds && message.key !== null;
  counters.dead += 1;
  observe({
    type: "message.dead",
    message: refTo(message),
    failure,
    attempts: record.attempts,
    held,
  });
  const { lanes } = tenure;
  const afterwards = () => held ? lanes.hold(lane, seq) : lanes.goOn(lane);
  tenure.owe({ seq, kind: "failed", record, afterwards });
}

/** What events show of a message. */
export function refTo({ seq, id, key, topic }: Message): MessageRef {
  return { seq, id, key, topic };
}
