/**
 * Why a send failed, made fit for logs and for the database: the words are a
 * broker's, or those of an adapter that somebody else wrote.
 *
 * @module
 */

import type { Advice } from "../advice.ts";
import { reasonOf } from "../errors.ts";
import type { SendFailure } from "../transport.ts";

const ADVICE: readonly Advice[] = [
  "at-once",
  "soon",
  "slow",
  "limit",
  "suspect",
  "silent",
  "config",
];
const MAX_CODE = 64;
const MAX_REASON = 256;

/** Each part on one line, cut, its control characters escaped; an advice that is none is `soon`. */
export function quotedFailure(failure: SendFailure | undefined): SendFailure {
  return {
    code: reasonOf(failure?.code ?? "UNKNOWN", MAX_CODE),
    reason: reasonOf(failure?.reason ?? "", MAX_REASON),
    ...(failure?.advice === undefined
      ? {}
      : { advice: soundAdvice(failure.advice) }),
    ...(failure?.onceProven === "defer" ? { onceProven: "defer" } : {}),
  };
}

/** Adapters are other people's: what is no advice is the usual one. */
export function soundAdvice(advice: unknown): Advice {
  return ADVICE.find((one) => one === advice) ?? "soon";
}
