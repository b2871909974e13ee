/**
 * Settlement: what an outcome means for the message and its lane.
 *
 * @module
 */

import type { Message, OnDead } from "../message.ts";
import type { FailureRecord } from "../failure_record.ts";
import type { Outcome, SendFailure } from "../transport.ts";
import { ON_TRIAL } from "./probation.ts";
import type { RetryPolicy } from "./retry.ts";
import { quotedFailure } from "./send_failure.ts";

/**
 * What to do after a send.
 *
 * - `done`: record the delivery, then the lane goes on.
 * - `again`: nothing is known to have happened; the message goes again.
 * - `wait`: record the refusal, then the lane waits.
 * - `dead`: record it; `record.holds` tells whether the lane waits for an operator.
 */
export type Verdict =
  | { readonly kind: "done" }
  | { readonly kind: "again" }
  | {
    readonly kind: "wait";
    readonly afterMs: number;
    readonly failure: SendFailure;
    readonly record: FailureRecord;
  }
  | {
    readonly kind: "dead";
    readonly failure: SendFailure;
    readonly record: FailureRecord;
  };

/** Everything a verdict depends on. */
export interface Case {
  readonly outcome: Outcome;
  readonly message: Message;
  /** The record of earlier refusals of this message, if any. */
  readonly earlier: FailureRecord | undefined;
  readonly policy: RetryPolicy;
  /** For messages that do not say it themselves. */
  readonly onDead: OnDead;
  /** Wall clock, in ms since the epoch. */
  readonly nowMs: number;
  /** A random number in [0, 1). */
  readonly random: number;
}

/** Judges one outcome; total, whatever a transport or a policy returns. */
export function judge(given: Case): Verdict {
  const { outcome, earlier } = given;
  switch (outcome?.kind) {
    case "delivered":
      return { kind: "done" };
    case "dead":
      return dead(given, quotedFailure(outcome.failure));
    case "retry":
      return refused(given, quotedFailure(outcome.failure));
    case "deferred":
      return wait(given, quotedFailure(outcome.failure), {
        attempts: earlier?.attempts ?? 0,
        delayMs: sane(outcome.afterMs),
      });
    default:
      return { kind: "again" };
  }
}

/** An outcome that the broker gave about the message. */
export type AnswerOutcome = Exclude<
  Outcome,
  { readonly kind: "unavailable" | "unknown" }
>;

/** Whether the broker has answered for a message; total, whatever a transport returns. */
export function isAnswer(outcome: Outcome): outcome is AnswerOutcome {
  switch (outcome?.kind) {
    case "delivered":
    case "dead":
    case "retry":
    case "deferred":
      return true;
    default:
      return false;
  }
}

/** A day: what a policy may ask for at the most, and gets when it talks nonsense. */
const MAX_WAIT_MS = 86_400_000;

function sane(ms: number): number {
  return ms >= 0 && ms <= MAX_WAIT_MS ? ms : MAX_WAIT_MS;
}

function refused(given: Case, failure: SendFailure): Verdict {
  const attempts = (given.earlier?.attempts ?? 0) + 1;
  const delayMs = delayOf(given, failure, attempts);
  if (delayMs === null) return dead(given, failure);
  return wait(given, failure, { attempts, delayMs });
}

/** What the policy decides; `null` is death. A broken one must neither lose the message nor spin. */
function delayOf(
  { earlier, nowMs, policy, random }: Case,
  failure: SendFailure,
  attempts: number,
): number | null {
  const ageMs = Math.max(0, nowMs - firstRefusalMs(earlier, nowMs));
  try {
    const decision = policy({ attempts, ageMs, failure, random });
    return decision.kind === "dead" ? null : sane(decision.afterMs);
  } catch {
    return MAX_WAIT_MS;
  }
}

/** A trial leaves a record too, of a message that nobody has refused. */
function firstRefusalMs(
  earlier: FailureRecord | undefined,
  nowMs: number,
): number {
  const isRefusal = earlier !== undefined && earlier.code !== ON_TRIAL;
  return isRefusal ? earlier.firstFailedAtMs : nowMs;
}

function wait(
  given: Case,
  failure: SendFailure,
  { attempts, delayMs }: Pick<FailureRecord, "attempts" | "delayMs">,
): Verdict {
  const record = recordOf(given, failure, {
    state: "retry",
    holds: true,
    attempts,
    delayMs,
  });
  return { kind: "wait", afterMs: delayMs, failure, record };
}

function dead(given: Case, failure: SendFailure): Verdict {
  const record = recordOf(given, failure, {
    state: "dead",
    holds: (given.message.onDead ?? given.onDead) === "hold",
    attempts: (given.earlier?.attempts ?? 0) + 1,
    delayMs: 0,
  });
  return { kind: "dead", failure, record };
}

function recordOf(
  { message, earlier, nowMs }: Case,
  failure: SendFailure,
  state: Pick<FailureRecord, "state" | "holds" | "attempts" | "delayMs">,
): FailureRecord {
  return {
    seq: message.seq,
    key: message.key,
    // An answer shows that sending it is survived.
    deaths: 0,
    trial: null,
    firstFailedAtMs: firstRefusalMs(earlier, nowMs),
    failedAtMs: nowMs,
    code: failure.code,
    reason: failure.reason,
    ...state,
  };
}
