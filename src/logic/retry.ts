/**
 * Retry policies: whether and when a refused message goes again.
 *
 * A policy sees refusals of the message itself. An unreachable broker, a lost
 * acknowledgement or a busy database never reach it and cost no attempt.
 *
 * @module
 */

import type { SendFailure } from "../transport.ts";
import { checkedNumber, readOptions } from "./options.ts";

/** What a policy is told about a refused message. */
export interface Refused {
  /** Refused sends so far, this one included; at least 1. */
  readonly attempts: number;
  /** Wall-clock ms since the first refusal; never negative, but may jump. */
  readonly ageMs: number;
  /** Why it was refused. */
  readonly failure: SendFailure;
  /** A random number in [0, 1). */
  readonly random: number;
}

/** What a policy decides. */
export type RetryDecision =
  | { readonly kind: "retry"; readonly afterMs: number }
  | { readonly kind: "dead" };

/** Decides about a refused message; pure. */
export type RetryPolicy = (refused: Refused) => RetryDecision;

/** Options of {@link exponentialRetry}. */
export interface ExponentialRetryOptions {
  /** The longest wait after the first refusal, in ms. @default 1_000 */
  readonly baseMs?: number;
  /** The longest wait of all, in ms. @default 300_000 */
  readonly capMs?: number;
  /** Refusals after which a message is dead. @default 10 */
  readonly maxAttempts?: number;
}

/**
 * Exponential back-off with full jitter: a wait drawn evenly from zero to
 * `baseMs · 2^(attempts − 1)`, at most `capMs`; dead after `maxAttempts`.
 *
 * @throws {InputError} `INVALID_OPTION` when an option is out of range.
 * @example
 * ```ts
 * createRelay({ storage, transport, retry: exponentialRetry({ maxAttempts: 5 }) });
 * ```
 */
export function exponentialRetry(
  options: ExponentialRetryOptions = {},
): RetryPolicy {
  return readOptions({ action, options }, policyOf);
}

const action = "create a retry policy";

function policyOf(options: ExponentialRetryOptions): RetryPolicy {
  const baseMs = checkedNumber({
    action,
    option: "baseMs",
    value: options.baseMs,
    default: 1_000,
    min: 1,
  });
  const capMs = checkedNumber({
    action,
    option: "capMs",
    value: options.capMs,
    default: Math.max(300_000, baseMs),
    min: baseMs,
  });
  const maxAttempts = checkedNumber({
    action,
    option: "maxAttempts",
    value: options.maxAttempts,
    default: 10,
    min: 1,
  });
  return ({ attempts, random }) =>
    attempts >= maxAttempts ? { kind: "dead" } : {
      kind: "retry",
      afterMs: fullJitter({ attempts, baseMs, capMs, random }),
    };
}

/** A wait drawn evenly from zero to the exponential bound, in whole ms. */
export function fullJitter(request: {
  readonly attempts: number;
  readonly baseMs: number;
  readonly capMs: number;
  readonly random: number;
}): number {
  const { attempts, baseMs, capMs, random } = request;
  const bound = Math.min(capMs, baseMs * 2 ** Math.min(attempts - 1, 52));
  return Math.floor(random * (bound + 1));
}
