/**
 * Pacing: when to look, when to record, when to try again.
 *
 * @module
 */

/**
 * The wait before the next look at an empty outbox, in ms. After a hint the
 * relay looks at once and then ever more rarely, up to the poll interval: the
 * hint of an enqueue comes before its commit, and may be the only one.
 */
export function nextLookMs(previousMs: number, pollMs: number): number {
  return Math.min(pollMs, Math.max(1, previousMs * 2));
}

/** When outcomes are recorded. */
export interface SettlePace {
  /** With so many, at once. */
  readonly settleBatch: number;
  /** The longest wait while more can be sent, in ms. */
  readonly settleDelayMs: number;
  /** The longest wait while nothing is left to send, in ms. */
  readonly settleIdleMs: number;
}

/**
 * For how long outcomes should wait to be recorded in a larger group, in ms: 0
 * when they are due, infinite when there are none.
 */
export function settleWaitMs(
  { pending, ageMs, canSend, isIdle }: {
    /** Outcomes that are not recorded. */
    readonly pending: number;
    /** For how long the oldest of them has waited. */
    readonly ageMs: number;
    /** Whether another message could be sent without recording first. */
    readonly canSend: boolean;
    /** Whether nothing is left that could wait for the record. */
    readonly isIdle: boolean;
  },
  { settleBatch, settleDelayMs, settleIdleMs }: SettlePace,
): number {
  if (pending === 0) return Infinity;
  if (pending >= settleBatch || !(canSend || isIdle)) return 0;
  return Math.max(0, (canSend ? settleDelayMs : settleIdleMs) - ageMs);
}
