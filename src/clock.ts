/**
 * Time, as an argument. The core reads no other clock and sets no other timer.
 *
 * @module
 */

/** The port through which the core sees time. */
export interface Clock {
  /**
   * Wall-clock time in ms since the epoch, for people and for the wire.
   * May jump in both directions; nothing is ordered or expired by it alone.
   */
  nowMs(): number;
  /** Milliseconds since an arbitrary start, never going back; for leases and time-outs. */
  monotonicMs(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Resolves after timers and sockets had a turn: a macrotask, not a microtask. */
  turn(): Promise<void>;
}

/** Both times at one moment. */
export interface Instant {
  /** Wall-clock time, in ms since the epoch. */
  readonly wallMs: number;
  /** Milliseconds since an arbitrary start, never going back. */
  readonly monotonicMs: number;
}

/** What a clock shows now. */
export function instantOf(clock: Clock): Instant {
  return { wallMs: clock.nowMs(), monotonicMs: clock.monotonicMs() };
}

type Immediate = (callback: () => void) => unknown;

/**
 * The clock of the machine.
 *
 * @example
 * ```ts
 * const clock = systemClock();
 * await clock.sleep(50);
 * ```
 */
export function systemClock(): Clock {
  const { setImmediate } = globalThis as { setImmediate?: Immediate };
  const soon: Immediate = setImmediate ??
    ((callback) => setTimeout(callback, 0));
  return {
    nowMs: () => Date.now(),
    monotonicMs: () => performance.now(),
    sleep,
    turn: () => new Promise<void>((resolve) => void soon(resolve)),
  };
}

/** The longest delay that timers represent without wrapping round. */
const MAX_TIMER_MS = 2 ** 31 - 1;

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted) return Promise.resolve();
  return new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, Math.min(Math.max(ms, 0), MAX_TIMER_MS));
    signal?.addEventListener("abort", done, { once: true });
  });
}
