/**
 * Probation: finding the message that kills the process which sends it.
 *
 * Nothing is paid for it on a normal day. Only when relays die before they have
 * outlived what they sent, messages are sent one at a time, and each send is
 * recorded before it begins. A record that is found at a takeover is a death;
 * an answer of the broker, or living on for a while, takes it back. A power cut
 * is told apart by the machine's boot, where it has a name.
 *
 * @module
 */

import type { FailureRecord } from "../failure_record.ts";
import type { Message, OnDead } from "../message.ts";

/** Owners in a row that proved nothing, the present one included, which make it careful. */
const UNPROVEN = 2;

/** Messages that are sent one at a time before a careful relay trusts the rest: a window's worth. */
export const TRIALS = 64;

/** The window may be larger than it is by default: each death in a row makes for twice as many. */
const MAX_TRIALS = 65_536;

/** A message that has not killed the relay for so long is innocent, answered or not. */
export const TRIAL_MS = 1_000;

/** The code in the record of a message that nobody has refused. */
export const ON_TRIAL = "ON_TRIAL";

/** The code of a message that was set aside because relays died of it. */
export const RELAY_DIED = "RELAY_DIED";

/** How many messages a relay sends one at a time when it takes over. */
export function trialsAfter(unproven: number): number {
  if (unproven < UNPROVEN) return 0;
  return Math.min(MAX_TRIALS, TRIALS * 2 ** (unproven - UNPROVEN));
}

/** Whether a message is sent alone even after probation. */
export function isSuspect(record: FailureRecord | undefined): boolean {
  return record !== undefined && record.deaths > 0;
}

/** What is recorded before a message is sent alone. */
export function onTrial(given: {
  readonly message: Message;
  readonly earlier: FailureRecord | undefined;
  readonly boot: string;
  readonly nowMs: number;
}): FailureRecord {
  const { message: { seq, key }, earlier, boot, nowMs } = given;
  return {
    firstFailedAtMs: nowMs,
    failedAtMs: nowMs,
    attempts: 0,
    deaths: 0,
    code: ON_TRIAL,
    reason: "The relay sends it alone, as relays died at work before",
    ...earlier,
    seq,
    key,
    state: "retry",
    holds: true,
    delayMs: 0,
    trial: boot,
  };
}

/** The record of a message that the relay has outlived. */
export function outlived(record: FailureRecord): FailureRecord {
  return { ...record, trial: null };
}

/** The record as the next relay reads it: a trial that nobody ended counts as a death. */
export function afterTakeover(
  record: FailureRecord,
  boot: string,
): FailureRecord {
  if (record.trial === null) return record;
  const died = record.trial === boot ? 1 : 0;
  return { ...record, trial: null, deaths: record.deaths + died };
}

/** The record of a message that relays died of too often. */
export function condemned(given: {
  readonly message: Message;
  readonly earlier: FailureRecord;
  /** For messages that do not say it themselves. */
  readonly onDead: OnDead;
  readonly nowMs: number;
}): FailureRecord {
  const { message, earlier, onDead, nowMs } = given;
  return {
    ...earlier,
    state: "dead",
    holds: (message.onDead ?? onDead) === "hold",
    failedAtMs: nowMs,
    delayMs: 0,
    trial: null,
    code: RELAY_DIED,
    reason: `${earlier.deaths} relays died while they sent only this message`,
  };
}
