/**
 * Deadlines on what an adapter should do in time and may not.
 *
 * @module
 */

import type { Clock } from "./clock.ts";

/** Given with the abort: making up a reason costs more than the whole wait. */
const ENDED = "The work has ended";

/** Resolves when `work` has ended, well or not, or after `ms`. Never rejects, leaves no timer. */
export async function endedWithin(
  clock: Clock,
  ms: number,
  work: Promise<unknown>,
): Promise<void> {
  const timer = new AbortController();
  const ended = work.then(() => {}, () => {});
  await Promise.race([ended, clock.sleep(ms, timer.signal)]);
  timer.abort(ENDED);
}

/** Rejects with `reason()` as soon as the signal aborts; otherwise does what `work` does. */
export function unlessAborted<T>(
  signal: AbortSignal,
  work: Promise<T>,
  reason: () => Error,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(reason());
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() =>
      signal.removeEventListener("abort", abort)
    );
    if (signal.aborted) abort();
  });
}
