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

/** Whether outcomes should be recorded now rather than in a larger group. */
export function settleDue(request: {
  /** Outcomes that are not recorded. */
  readonly pending: number;
  /** Monotonic ms of the oldest of them. */
  readonly oldestMs: number;
  /** Whether another message could be sent without recording first. */
  readonly canSend: boolean;
  readonly groupSize: number;
  readonly delayMs: number;
  readonly nowMs: number;
}): boolean {
  const { pending, oldestMs, canSend, groupSize, delayMs, nowMs } = request;
  if (pending === 0) return false;
  return !canSend || pending >= groupSize || nowMs - oldestMs >= delayMs;
}
