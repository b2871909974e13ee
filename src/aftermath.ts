/**
 * The aftermath of a send: judges what landed, and says what is owed to the
 * store and what the lane does next.
 *
 * @module
 */

import type { Clock } from "./clock.ts";
import type { Landing } from "./dispatch.ts";
import type { Landed } from "./logic/convoy.ts";
import type { Lane } from "./logic/lane.ts";
import type { RetryPolicy } from "./logic/retry.ts";
import { outlived } from "./logic/probation.ts";
import { quotedFailure } from "./logic/send_failure.ts";
import { isAnswer, judge, type Verdict } from "./logic/settlement.ts";
import type { Message, OnDead } from "./message.ts";
import type { MessageRef, Observe } from "./observe.ts";
import type { Random } from "./random.ts";
import type { Tenure } from "./tenure.ts";
import type { Outcome } from "./transport.ts";

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

/** Applies what landed, as far as its lane lets it count; returns whether the broker has answered for it. */
export function applyLanding(
  options: AftermathOptions,
  tenure: Tenure,
  { flight, outcome }: Landing,
): boolean {
  const { message: { seq }, lane } = flight;
  const { due, behind } = tenure.lanes.land(lane, seq, outcome);
  for (const landed of due) applyOutcome(options, tenure, lane, landed);
  const failed = due.at(-1);
  if (failed !== undefined && behind.length > 0) {
    options.observe({
      type: "lane.rewound",
      key: lane.key,
      from: failed.message.seq,
      count: behind.length,
      repeated: behind.filter(({ outcome }) => outcome.kind === "delivered")
        .length,
      code: codeOf(failed.outcome),
    });
  }
  return isAnswer(outcome);
}

function applyOutcome(
  options: AftermathOptions,
  tenure: Tenure,
  lane: Lane,
  { message, outcome }: Landed,
): void {
  const { clock, random, retry, onDead, counters, observe } = options;
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
      const afterwards = () => tenure.lanes.putBack(lane, seq);
      if (earlier === undefined || earlier.trial === null) afterwards();
      else {tenure.owe({
          seq,
          kind: "trial",
          record: outlived(earlier),
          afterwards,
        });}
      return;
    }
    case "done": {
      const unheard = outcome.kind === "delivered" && outcome.unheard === true;
      counters.delivered += 1;
      tenure.delivered += 1;
      if (unheard) counters.unheard += 1;
      observe({ type: "message.delivered", message: refTo(message), unheard });
      const afterwards = () => tenure.lanes.goOn(lane, seq);
      tenure.owe({ seq, kind: "delivered", record: null, afterwards });
      return;
    }
    case "wait":
      return wait(options, tenure, lane, message, verdict);
    case "dead":
      return bury(options, tenure, lane, message, verdict);
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
  const afterwards = () => held ? lanes.hold(lane, seq) : lanes.skip(lane, seq);
  tenure.owe({ seq, kind: "failed", record, afterwards });
}

/** Why a message goes again, and those behind it. */
function codeOf(outcome: Outcome): string {
  return isAnswer(outcome) && outcome.kind !== "delivered"
    ? quotedFailure(outcome.failure).code
    : "IN_DOUBT";
}

/** What events show of a message. */
export function refTo({ seq, id, key, topic }: Message): MessageRef {
  return { seq, id, key, topic };
}
