/**
 * Settlement: what an outcome means for the message and its lane.
 *
 * @module
 */

import type { Message, OnDead } from "../message.ts";
import type { FailureRecord } from "../failure_record.ts";
import type { Outcome, SendFailure } from "../transport.ts";
import type { RetryDecision, RetryPolicy } from "./retry.ts";

/**
 * What to do after a send.
 *
 * - `done`: record the delivery, then the lane goes on.
 * - `again`: nothing is known to have happened; the message goes again.
 * - `wait`: record the refusal if there is a record, then the lane waits.
 * - `dead`: record it; `record.holds` tells whether the lane waits for an operator.
 */
export type Verdict =
  | { readonly kind: "done" }
  | { readonly kind: "again" }
  | {
    readonly kind: "wait";
    readonly afterMs: number;
    readonly failure: SendFailure;
    readonly record: FailureRecord | null;
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

/** Judges one outcome. An outcome of an unknown kind counts as `unknown`. */
export function judge(given: Case): Verdict {
  const { outcome } = given;
  switch (outcome.kind) {
    case "delivered":
      return { kind: "done" };
    case "dead":
      return dead(given, bounded(outcome.failure));
    case "retry":
      return refused(given, bounded(outcome.failure));
    case "deferred":
      return {
        kind: "wait",
        afterMs: sane(outcome.afterMs),
        failure: bounded(outcome.failure),
        record: null,
      };
    default:
      return { kind: "again" };
  }
}

const MAX_CODE = 64;
const MAX_REASON = 256;

function bounded(failure: SendFailure): SendFailure {
  return {
    code: String(failure.code).slice(0, MAX_CODE),
    reason: String(failure.reason).slice(0, MAX_REASON),
  };
}

/** A day: what a policy may ask for at the most, and gets when it talks nonsense. */
const MAX_WAIT_MS = 86_400_000;

function sane(ms: number): number {
  return ms >= 0 && ms <= MAX_WAIT_MS ? ms : MAX_WAIT_MS;
}

function refused(given: Case, failure: SendFailure): Verdict {
  const { earlier, nowMs, policy, random } = given;
  const attempts = (earlier?.attempts ?? 0) + 1;
  const ageMs = Math.max(0, nowMs - (earlier?.firstFailedAtMs ?? nowMs));
  let decision: RetryDecision;
  try {
    decision = policy({ attempts, ageMs, failure, random });
  } catch {
    // A broken policy must neither lose the message nor spin.
    decision = { kind: "retry", afterMs: MAX_WAIT_MS };
  }
  if (decision.kind === "dead") return dead(given, failure);
  const afterMs = sane(decision.afterMs);
  return {
    kind: "wait",
    afterMs,
    failure,
    record: record(given, failure, {
      state: "retry",
      holds: true,
      delayMs: afterMs,
    }),
  };
}

function dead(given: Case, failure: SendFailure): Verdict {
  const holds = (given.message.onDead ?? given.onDead) === "hold";
  return {
    kind: "dead",
    failure,
    record: record(given, failure, { state: "dead", holds, delayMs: 0 }),
  };
}

function record(
  given: Case,
  failure: SendFailure,
  state: Pick<FailureRecord, "state" | "holds" | "delayMs">,
): FailureRecord {
  const { message, earlier, nowMs } = given;
  return {
    seq: message.seq,
    key: message.key,
    attempts: (earlier?.attempts ?? 0) + 1,
    firstFailedAtMs: earlier?.firstFailedAtMs ?? nowMs,
    failedAtMs: nowMs,
    code: failure.code,
    reason: failure.reason,
    ...state,
  };
}
